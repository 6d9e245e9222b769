sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route get 224.0.0.1; ip route get 239.1.1.1; ip route get 224.0.0.251 oif v0
ip route add default via 10.0.0.2
ip route get 224.0.0.1; ip route get 239.1.1.1; ip route get 224.0.0.251 oif v0; ip route get 255.255.255.255; ip route get 10.0.0.255
ip route add multicast 239.0.0.0/8 dev v0; ip route get 239.1.1.1; ip route show type multicast; ip route del multicast 239.0.0.0/8; ip route del 239.0.0.0/8
ip route add 224.0.0.0/4 dev v0; ip route get 239.1.1.1 from 10.0.0.1
