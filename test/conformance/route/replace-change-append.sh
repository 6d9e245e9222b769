sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route replace 10.1.0.0/16 via 10.0.0.2; ip route replace 10.1.0.0/16 via 10.0.0.3; ip route
ip route change 10.1.0.0/16 via 10.0.0.4; ip route; ip route change 10.2.0.0/16 via 10.0.0.4; echo $?
ip route append 10.1.0.0/16 via 10.0.0.5; ip route; ip route get 10.1.0.1
ip route prepend 10.1.0.0/16 via 10.0.0.6; ip route; ip route get 10.1.0.1
ip route del 10.1.0.0/16; ip route; ip route del 10.1.0.0/16 via 10.0.0.5; ip route
ip route flush 10.1.0.0/16; ip route
