for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# a packet from one of our own addresses comes in by the wire
for n in a b; do ip -n $n link set v$([ $n = a ] && echo 0 || echo 1) address 02:00:00:00:00:0$n; done
$A ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev v0; $B ip addr add 10.0.0.1/32 dev lo
$A ping -c 1 -W 1 -q 10.0.0.2 | grep received | sed 's/, time.*//'
$B sysctl -qw net.ipv4.conf.v1.accept_local=1
$A ping -c 1 -W 1 -q 10.0.0.2 | grep received | sed 's/, time.*//'
$B iptables -A INPUT -i v1 -p icmp; $A ping -c 1 -W 1 -q 10.0.0.2 >/dev/null; $B iptables -vS INPUT
