sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route add 10.1.0.0/16 via 192.168.9.9 dev v0; echo $?
ip route add 10.1.0.0/16 via 192.168.9.9 dev v0 onlink; echo $?
ip route; ip route get 10.1.0.1
ip route add 10.2.0.0/16 via 10.1.0.1 dev v0; echo $?
ip route add 10.3.0.0/16 dev v0 scope link; ip route add 10.4.0.0/16 via 10.3.0.1; echo $?; ip route
