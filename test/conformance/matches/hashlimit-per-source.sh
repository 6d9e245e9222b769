for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$A ip addr add 10.0.0.5/24 dev v0; $B iptables -A INPUT -p icmp -m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name h -j ACCEPT; $B iptables -A INPUT -p icmp -j DROP
for s in 10.0.0.1 10.0.0.5; do $A ping -c 4 -i 0.2 -W 1 -q -I $s 10.0.0.2 | grep received | sed 's/, time.*//'; done; $B iptables -vS INPUT | grep -- -A
