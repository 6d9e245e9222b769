for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# two queries with one id from two addresses become two ids
$B ip addr add 10.0.0.3/24 dev v1; $B iptables -t nat -A POSTROUTING -p udp -j SNAT --to-source 10.0.0.2
echo x | $B nc -u -w 1 -s 10.0.0.2 -p 700 10.0.0.1 9 2>/dev/null; echo x | $B nc -u -w 1 -s 10.0.0.3 -p 700 10.0.0.1 9 2>/dev/null
$B conntrack -L -p udp 2>/dev/null | grep -o 'dst=10.0.0.2 sport=9 dport=[0-9]*' | sed 's/dport=700$/same/; s/dport=[0-9]*$/another/' | sort
