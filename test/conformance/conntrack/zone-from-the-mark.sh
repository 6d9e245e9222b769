for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# the mark is read when the packet is tracked, not when the rule is asked; the first CT rule counts
$B iptables -t raw -A PREROUTING -j MARK --set-mark 7
$B iptables -t raw -A PREROUTING -j CT --zone mark
$B iptables -t raw -A PREROUTING -j CT --zone 3
$B iptables -t raw -A PREROUTING -j MARK --set-mark 8
echo x | $A nc -u -w1 -p 4000 10.0.0.2 9
$B conntrack -L 2>/dev/null | sed 's/udp *17 [0-9]*/udp 17 T/'
