for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -N c; $B iptables -A c -p icmp -m icmp --icmp-type 8 -m limit --limit 1/hour --limit-burst 2 -j ACCEPT
$B iptables -A INPUT -p icmp -j c; $B iptables -A INPUT -p icmp -m statistic --mode nth --every 2 -j DROP; $B iptables -P INPUT DROP
$A ping -c 5 -i 0.2 -W 1 -q 10.0.0.2 | grep received | sed 's/, time.*//'; $B iptables -vS; $B iptables -vnL INPUT | head -1
