sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route add 10.1.0.0/16 via 10.0.0.2; ip route add 10.2.0.0/16 via 10.0.0.2 proto static; ip route add 10.3.0.0/16 dev v0 table 9
ip route flush proto static; ip route
ip route flush table 9; ip route show table 9
ip route flush dev v0; ip route; echo left; ip route flush cache; echo $?
ip route flush; echo $?
