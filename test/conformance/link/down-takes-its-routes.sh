sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip link set v1 up; sleep 0.2
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip route add 10.9.0.0/16 via 10.0.0.2
ip route add 10.8.0.0/16 dev v0 metric 5
ip route; ip route show table local dev v0
ip link set v0 down; echo down; ip route; ip route show table local dev v0
ip link set v0 up; echo up; ip route; ip route show table local dev v0
