sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.0.11/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
for t in 1 2 3 4 5 6; do ip route add table 10$t default via 10.0.0.$((t+100)); done
ip rule add fwmark 1 lookup 101; ip rule add from 10.0.0.11 lookup 102; ip rule add to 9.9.9.0/24 lookup 103
ip rule add tos 0x10 lookup 104; ip rule add ipproto udp dport 53 lookup 105; ip rule add oif v0 lookup 106
g() { ip route get "$@" | head -1; }
g 8.8.8.8 mark 1; g 8.8.8.8 from 10.0.0.11; g 9.9.9.9; g 8.8.8.8 tos 0x10; g 8.8.8.8 ipproto udp dport 53; g 8.8.8.8 oif v0
g 9.9.9.9 mark 1; g 8.8.8.8; g 10.0.0.1 mark 1
