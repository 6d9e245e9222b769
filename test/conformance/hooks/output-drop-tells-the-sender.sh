for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
for t in raw mangle filter nat; do $A iptables -t $t -A OUTPUT -p icmp -j DROP 2>&1 | head -1; $A ping -c 1 -W 1 10.0.0.2 2>&1 | grep -E 'ping:|received' | sed 's/, time.*//'; $A iptables -t $t -F; done
$A iptables -t mangle -A POSTROUTING -p icmp -j DROP; $A ping -c 1 -W 1 10.0.0.2 2>&1 | grep -E 'ping:|received' | sed 's/, time.*//'
echo x | $A nc -u -w 1 10.0.0.2 9; echo $?; $A iptables -A OUTPUT -p udp -j DROP; echo x | $A nc -u -w 1 10.0.0.2 9; echo $?
$A iptables -A OUTPUT -p tcp -j DROP; $A nc -w 1 10.0.0.2 9; echo $?
