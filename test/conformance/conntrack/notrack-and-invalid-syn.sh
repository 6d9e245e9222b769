for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -t raw -A PREROUTING -p tcp --dport 81 -j NOTRACK; $B iptables -A INPUT -p tcp -m conntrack --ctstate UNTRACKED -j REJECT --reject-with tcp-reset; $B iptables -A INPUT -p tcp -m conntrack --ctstate NEW
$A nc -w 1 10.0.0.2 81; echo $?; $A nc -w 1 10.0.0.2 82; echo $?; $B iptables -vS INPUT; $B conntrack -L 2>/dev/null | wc -l
