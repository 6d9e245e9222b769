sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.0.0.2/24 dev v0
ip addr add 10.1.0.1/16 brd + dev v0
ip addr add 10.2.0.1/24 brd 10.2.0.99 dev v0 label v0:x
ip addr add 10.3.0.1 dev v0
ip addr add 10.4.0.1 peer 10.4.0.2 dev v0
ip addr add 10.5.0.1/24 scope link dev v0
ip addr show v0; ip -br addr; ip -o addr show v0; ip -4 addr show scope link
