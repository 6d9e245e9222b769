sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip link set v1 up; sleep 0.2
ip addr add 10.0.0.1/24 brd + dev v0; ip addr add 10.1.0.1/32 dev v0; ip addr add 10.2.0.1/31 dev v0
ip route show table local; echo up; ip link set v0 up; sleep 0.2
ip route show table local; ip route
ip addr add 10.3.0.1/24 dev v0 noprefixroute; ip route; ip addr show v0
