sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
ip addr add 10.0.0.1/24 dev v1; ip link set v1 up
ip link set v1 netns a
ip -br link; ip -n a -br link; ip -n a -br addr
ip link show v0; ip -n a link show v1
ip -n a link set v1 name lo; echo $?
ip netns del a; sleep 0.5; ip -br link
