ip netns add b
ip link add v0 type veth peer name v1 netns b
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
ip link add w0 type veth peer name w1; ip link set w1 up; sleep 0.2
ip route add 10.1.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop dev v0
ip route add 10.3.0.0/16 via 10.0.0.2 proto static src 10.0.0.1 mtu 1400 advmss 1000 table 100
ip route add unreachable 10.4.0.0/16 metric 7 tos 8; ip route add default via 10.9.9.9 dev v0 onlink; ip route add 10.6.0.0/16 dev w1
ip -j route; ip -j route show table all type local; ip -j route show table 100; ip -j -d route show 10.6.0.0/16; ip -p -j route show 10.1.0.0/16; ip -j -p route show 99.0.0.0/8; ip -j route add 1.2.3.4; echo $?; ip -j route show dev v0
