ip netns add b
ip link add v0 type veth peer name v1 netns b
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
ip -j route get 10.0.0.2 from 10.0.0.1; ip -j route get 127.0.0.1; ip -j route get 10.0.0.255; ip -j route get 10.0.0.9 mark 5; ip -j route get 10.0.0.9 mark 0x55; ip -j -p route get 10.0.0.2
ip -j route get fibmatch 10.0.0.2; ip -j route get 8.8.8.8; echo $?
ip route add default via 10.0.0.2; ip -j route get 224.0.0.1; ip -j route get 8.8.8.8 tos 8 oif v0
