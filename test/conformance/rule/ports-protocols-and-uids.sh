for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
$A ip route add default via 10.0.0.2; for t in 21 22 23 24; do $A ip route add default via 10.0.0.$t table $t; done
$A ip rule add ipproto tcp dport 80 lookup 21; $A ip rule add ipproto udp sport 100-200 lookup 22; $A ip rule add uidrange 5-6 lookup 23; $A ip rule add tos 0x10 lookup 24
g() { $A ip route get 8.8.8.8 $* | head -1; }; g; g ipproto tcp dport 80; g ipproto tcp dport 81; g ipproto udp dport 80; g ipproto udp sport 150; g uid 5; g uid 7; g tos 0x10
