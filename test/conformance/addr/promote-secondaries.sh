sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; sleep 0.2
sysctl -qw net.ipv4.conf.all.promote_secondaries=1
ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.0.2/24 dev v0; ip addr add 10.0.0.3/24 dev v0
ip addr del 10.0.0.1/24 dev v0; ip addr show v0; ip route; ip route show table local
