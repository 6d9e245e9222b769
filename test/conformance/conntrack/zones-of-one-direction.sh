for n in a b c; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
# two customers with the same address behind one router b
ip link add v0 netns a type veth peer name va netns b
ip link add v0 netns c type veth peer name vc netns b
for n in a c; do ip -n $n addr add 10.0.0.1/24 dev v0; ip -n $n link set v0 up; ip -n b link set v$n up; done
ip -n b addr add 10.0.0.2/24 dev va;  ip -n b addr add 10.0.0.2/24 dev vc
A="ip netns exec a"; B="ip netns exec b"; C="ip netns exec c"
$B iptables -t raw -A PREROUTING -i va -j CT --zone-orig 1
$B iptables -t raw -A PREROUTING -i vc -j CT --zone-reply 2
$B iptables -t raw -A PREROUTING -i vc -j CT --zone 9
$B sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.va.rp_filter=0 net.ipv4.conf.vc.rp_filter=0
echo a | $A nc -u -w1 -p 4000 10.0.0.2 9; echo c | $C nc -u -w1 -p 4000 10.0.0.2 9
list() { $B conntrack -L "$@" 2>/dev/null | sed 's/udp *17 [0-9]*/udp 17 T/' | sort; }
list; echo both; list -w 1; echo original; list --orig-zone 1; echo reply; list --reply-zone 2
