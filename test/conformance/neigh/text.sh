sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev v0 nud stale
ip neigh add 10.0.0.4 lladdr 02:00:00:00:00:04 dev v0 nud reachable
ip neigh add proxy 10.0.0.9 dev v0
ip neigh | sort; ip neigh show nud permanent; ip neigh show dev v0 | sort; ip neigh show proxy; ip neigh show 10.0.0.2; ip neigh get 10.0.0.2 dev v0
ip neigh change 10.0.0.2 lladdr 02:00:00:00:00:22 dev v0 nud permanent; ip neigh show 10.0.0.2
ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:33 dev v0; ip neigh show 10.0.0.3
ip neigh del 10.0.0.2 dev v0; ip neigh show 10.0.0.2
ip neigh flush dev v0; ip neigh
ip link set v0 down; ip neigh
