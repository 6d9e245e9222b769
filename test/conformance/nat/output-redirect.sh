for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$A iptables -t nat -A OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 8080
$A sh -c 'echo here | nc -l -N 127.0.0.1 8080' & sleep 0.3
$A nc -w 1 10.0.0.2 80 </dev/null; wait; $A conntrack -L -p tcp 2>/dev/null | sed -E 's/tcp +6 [0-9]+ [A-Z_]+/tcp/; s/sport=[0-9]{5}/sport=E/; s/dport=[0-9]{5}/dport=E/'; $A iptables -t nat -vS OUTPUT
