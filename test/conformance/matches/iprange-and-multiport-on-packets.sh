for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -A INPUT -p udp -m iprange --src-range 10.0.0.0-10.0.0.1; $B iptables -A INPUT -p udp -m iprange ! --src-range 10.0.0.0-10.0.0.1; $B iptables -A INPUT -p udp -m multiport --dports 9,20:22; $B iptables -A INPUT -p udp -m multiport ! --dports 9,20:22; $B iptables -A INPUT -p udp -m multiport --sports 4000; $B iptables -A INPUT -p udp -m multiport --ports 4000,21; $B iptables -A INPUT -p udp --sport 4000:4001 --dport 23:
for p in 9 19 20 22 23; do echo x | $A nc -u -w 1 -p 4000 10.0.0.2 $p; done; $B iptables -vS INPUT
