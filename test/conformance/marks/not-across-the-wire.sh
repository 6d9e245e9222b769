for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$A iptables -t mangle -A OUTPUT -j MARK --set-mark 7; $A iptables -t mangle -A POSTROUTING -m mark --mark 7
$B iptables -t mangle -A PREROUTING -m mark --mark 7; $B iptables -t mangle -A PREROUTING -m mark --mark 0
$A ping -c 1 -q 10.0.0.2 >/dev/null; $A iptables -t mangle -vS POSTROUTING; $B iptables -t mangle -vS PREROUTING
