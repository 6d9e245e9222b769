sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route add 10.0.0.0/8 via 10.0.0.8; ip route add 10.1.0.0/16 via 10.0.0.16; ip route add 10.1.1.0/24 via 10.0.0.24; ip route add 10.1.1.1/32 via 10.0.0.32
for d in 10.9.9.9 10.1.9.9 10.1.1.9 10.1.1.1; do ip route get $d; done
ip route add 10.1.1.0/24 via 10.0.0.25 metric 1; ip route get 10.1.1.9
ip route del 10.1.1.0/24 via 10.0.0.24; ip route get 10.1.1.9
ip route add 10.1.1.0/24 via 10.0.0.26 tos 0x10; ip route get 10.1.1.9; ip route get 10.1.1.9 tos 0x10; ip route
