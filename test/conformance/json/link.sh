ip netns add b
ip link add v0 type veth peer name v1 netns b
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
ip link set v0 alias hello; ip link add br0 type bridge; ip link add w0 type veth peer name w1; ip link set w0 master br0
ip -j link; ip -j -br link; ip -j -d link show v0; ip -j -s link show w0; ip -p -j link show lo; ip -json netns; ip -j link set w1 up; ip -j -p link show type dummy
