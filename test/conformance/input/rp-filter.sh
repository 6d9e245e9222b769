for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n a addr add 10.77.0.1/32 dev lo
for v in 0 1 2; do
  $B sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.v1.rp_filter=$v
  echo rp_filter $v; $A ping -c 1 -W 1 -q -I 10.77.0.1 10.0.0.2 | grep received
  $B iptables -t raw -F; $B iptables -t raw -A PREROUTING -s 10.77.0.1; $B iptables -F; $B iptables -A INPUT -s 10.77.0.1
  $A ping -c 1 -W 1 -q -I 10.77.0.1 10.0.0.2 >/dev/null
  $B iptables -t raw -vS PREROUTING | tail -1; $B iptables -vS INPUT | tail -1
done
ip -n b route add 10.77.0.0/16 dev lo
for v in 1 2; do $B sysctl -qw net.ipv4.conf.v1.rp_filter=$v; $A ping -c 1 -W 1 -q -I 10.77.0.1 10.0.0.2 | grep received; done
$B sysctl -qw net.ipv4.conf.v1.rp_filter=0 net.ipv4.conf.all.rp_filter=1; ip -n b route del 10.77.0.0/16
$B iptables -Z; $A ping -c 1 -W 1 -q -I 10.77.0.1 10.0.0.2 >/dev/null; $B iptables -vS INPUT | tail -1
