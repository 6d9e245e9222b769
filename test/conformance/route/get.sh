sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route add default via 10.0.0.2
ip rule add fwmark 5 lookup 50 pref 100; ip route add table 50 default via 10.0.0.5
ip rule add from 10.0.0.99 lookup 60 pref 101; ip route add table 60 default via 10.0.0.6
ip route get 8.8.8.8; ip route get 8.8.8.8 mark 5; ip route get 8.8.8.8 from 10.0.0.1
ip route get 10.0.0.1; ip route get 127.0.0.1; ip route get 10.0.0.255; ip route get 10.0.0.7
ip route get 8.8.8.8 oif v0; ip route get 8.8.8.8 oif lo
ip route get 8.8.8.8 from 10.9.9.9; echo $?
ip route get 8.8.8.8 from 10.0.0.9 iif v0; echo $?
ip route get 10.0.0.1 from 10.0.0.9 iif v0; echo $?
sysctl -qw net.ipv4.ip_forward=1
ip route get 8.8.8.8 from 10.0.0.9 iif v0; ip route get 8.8.8.8 from 10.0.0.9 iif v0 mark 5
ip route get 8.8.8.8 from 10.0.0.99 iif v0
ip route get 8.8.8.8 from 10.7.0.9 iif v0; echo $?
ip route get fibmatch 8.8.8.8; ip route get 255.255.255.255
ip route get 8.8.8.8 ipproto tcp dport 80
