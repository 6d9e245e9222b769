sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip link set v1 up; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip route add default via 10.0.0.2
ip route add default via 10.0.0.3 metric 100
ip route add 10.1.0.0/16 via 10.0.0.2 metric 50 mtu 1400
ip route add 10.1.2.0/24 via 10.0.0.3 src 10.0.0.1 proto static
ip route add 10.1.2.3 dev v0 scope link table 7
ip route add 10.9.0.0/16 via 10.0.0.2 advmss 1200 initcwnd 5 window 1000
ip route; ip route show 10.1.0.0/16; ip route show match 10.1.2.3; ip route show root 10.1.0.0/16
ip route show exact 10.1.2.0/24; ip route show dev v0 proto static; ip route show via 10.0.0.3
ip route show table 7; ip route show table all | grep -v '::'; ip route show default
ip route list type local
