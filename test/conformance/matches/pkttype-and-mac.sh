for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$A ip link set v0 address 02:00:00:00:00:01; for t in unicast broadcast multicast; do $B iptables -A INPUT -p icmp -m pkttype --pkt-type $t; done; $B iptables -A INPUT -p icmp -m mac --mac-source 02:00:00:00:00:01; $B iptables -A INPUT -p icmp -m mac ! --mac-source 02:00:00:00:00:01; $B iptables -A FORWARD -m mac --mac-source 02:00:00:00:00:01; $B iptables -A OUTPUT -m mac --mac-source 02:00:00:00:00:01; echo $?
$A ping -c 1 -q 10.0.0.2 >/dev/null; $A ping -c 1 -W 1 -q 224.0.0.1 >/dev/null; $B iptables -vS INPUT
