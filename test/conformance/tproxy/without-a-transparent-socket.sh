for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# a listener that is not transparent does not get it: dropped
$B iptables -t mangle -A PREROUTING -p tcp --dport 80 -j TPROXY --on-port 8080 --tproxy-mark 1/1; $B iptables -t mangle -A INPUT -p tcp --dport 80; $B ip rule add fwmark 1 lookup 100; $B ip route add local default dev lo table 100
$B nc -l 8080 </dev/null >/dev/null & sleep 0.3; $A nc -w 1 10.0.0.2 80; echo $?; $A nc -w 1 10.9.9.9 80 2>/dev/null; kill %1; wait 2>/dev/null
$B iptables -t mangle -vS | grep -- -A | sed 's/-c [1-9][0-9]* [0-9]*/-c N/'
