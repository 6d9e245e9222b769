sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.3
ip monitor route rule neigh >m & sleep 0.3
s() { "$@"; sleep 0.2; }
s ip route add 10.5.0.0/16 via 10.0.0.2
s ip route replace 10.5.0.0/16 via 10.0.0.3
s ip route append 10.5.0.0/16 via 10.0.0.2 table 7
s ip route add blackhole 10.6.0.0/16 metric 5
s ip rule add from 10.9.0.0/16 lookup 9
s ip rule add fwmark 1 blackhole
s ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev v0
s ip neigh change 10.0.0.3 lladdr 02:00:00:00:00:04 dev v0 nud stale
s ip neigh del 10.0.0.3 dev v0
s ip route del 10.5.0.0/16 table 7
s ip rule del from 10.9.0.0/16
s ip route flush 10.5.0.0/16
kill %1; wait 2>/dev/null; cat m
