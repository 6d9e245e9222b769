for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# an answer made by the kernel has the mark of what it answers
$B iptables -t mangle -A PREROUTING -p icmp -j MARK --set-mark 9; $B iptables -t mangle -A OUTPUT -m mark --mark 9
$A ping -c 1 -q 10.0.0.2 >/dev/null; $B iptables -t mangle -vS OUTPUT
$B sysctl -w net.ipv4.fwmark_reflect=1; $A ping -c 1 -q 10.0.0.2 >/dev/null; $B iptables -t mangle -vS OUTPUT
