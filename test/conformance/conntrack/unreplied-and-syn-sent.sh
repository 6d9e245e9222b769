for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$A iptables -A OUTPUT -m conntrack --ctstate NEW
$B iptables -A INPUT -p tcp --dport 81 -j DROP; $B iptables -A INPUT -p udp --dport 82 -j DROP
$A nc -w 1 -p 40001 10.0.0.2 81; echo x | $A nc -u -w 1 -p 40002 10.0.0.2 82
$A conntrack -L 2>/dev/null | sort
$A nc -w 1 -p 40003 10.0.0.2 83; $A conntrack -L -p tcp --orig-port-dst 83 2>/dev/null | sort
