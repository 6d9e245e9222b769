for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
for c in one two three; do $B iptables -N $c; done
$B iptables -A INPUT -p icmp -j one; $B iptables -A INPUT -p icmp -m comment --comment after-one
$B iptables -A one -j two; $B iptables -A one -m comment --comment after-two -j RETURN; $B iptables -A one -m comment --comment never
$B iptables -A two -j three; $B iptables -A two -m comment --comment after-three; $B iptables -A three -m comment --comment in-three
$A ping -c 2 -i 0.2 -q 10.0.0.2 >/dev/null; $B iptables -vnL
