ip netns add b
ip link add v0 type veth peer name v1 netns b
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
ip addr add 10.0.0.5/24 dev v0; ip addr add 10.9.0.1 peer 10.9.0.2/32 dev v0 label v0:x; ip addr add 10.8.0.1/24 dev v0 noprefixroute; ip addr add 10.7.0.1/24 brd + dev v0
ip -j addr show dev v0; ip -4 -j addr show dev v0; ip -j -br addr; ip -j -p addr show dev lo; ip -j addr show to 10.8.0.0/16; ip -j addr show dev nothere; echo $?
