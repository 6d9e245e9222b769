for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -t raw -A PREROUTING; $B iptables -A INPUT
$B sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.v1.rp_filter=0
# b's own address comes in from outside
ip -n a addr add 10.0.0.2/32 dev lo; ip -n a route del local 10.0.0.2 table local
ip -n a route add 10.5.0.5 via 10.0.0.2 dev v0 onlink 2>&1
ip -n b addr add 10.5.0.5/32 dev lo
ip -n a neigh add 10.0.0.2 lladdr $(ip -n b -br link show v1 | awk '{print $3}') dev v0
$A ping -c 1 -W 1 -q -I 10.0.0.2 10.5.0.5 2>&1 | grep -c received
$B iptables -t raw -vS PREROUTING; $B iptables -vS INPUT
$B sysctl -qw net.ipv4.conf.v1.accept_local=1
$A ping -c 1 -W 1 -q -I 10.0.0.2 10.5.0.5 2>&1 | grep -c received
$B iptables -t raw -vS PREROUTING; $B iptables -vS INPUT
