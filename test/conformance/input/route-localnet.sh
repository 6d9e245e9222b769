for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n a route add 127.9.9.9 via 10.0.0.2 table 5; ip -n a rule add to 127.9.9.9 lookup 5 pref 0
ip -n a rule del pref 0 lookup local; ip -n a rule add pref 10 lookup local
$A ping -c 1 -W 1 -q -I 10.0.0.1 127.9.9.9; echo $?
$A sysctl -qw net.ipv4.conf.all.route_localnet=1
$B iptables -A INPUT -d 127.9.9.9
$A ping -c 1 -W 1 -q -I 10.0.0.1 127.9.9.9 | grep received; $B iptables -vS INPUT
$B sysctl -qw net.ipv4.conf.v1.route_localnet=1
$A ping -c 1 -W 1 -q -I 10.0.0.1 127.9.9.9 | grep received; $B iptables -vS INPUT
