ip netns add b
ip link add v0 type veth peer name v1 netns b
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0 nud stale; ip neigh add 10.0.0.10 lladdr 02:00:00:00:00:09 dev v0 nud noarp; ip neigh add proxy 10.0.0.77 dev v0
ip -j neigh; ip -j neigh show dev v0; ip -j neigh show proxy; ip -j -s neigh show 10.0.0.9; ip -j -p neigh show 10.0.0.10; ip -j neigh show dev lo
