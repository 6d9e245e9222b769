sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip monitor link address route >m & sleep 0.3
s() { "$@"; sleep 0.2; }
s ip link add v0 type veth peer name v1
s ip addr add 10.0.0.1/24 dev v0
s ip addr add 10.0.0.7/24 dev v0
s ip link set v0 up
s ip link set v1 up
s ip link set v1 down
s ip link set v1 up
s ip link set v0 down
s ip link set v0 up
s ip link set v0 mtu 1400
s ip addr del 10.0.0.7/24 dev v0
s ip link set v0 address 02:00:00:00:00:55
s ip link del v0
kill %1; wait 2>/dev/null; cat m
