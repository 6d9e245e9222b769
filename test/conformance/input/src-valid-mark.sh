for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# the mark may choose the table that the source is checked against
$A ip addr add 10.6.0.1/32 dev lo; $B sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.v1.rp_filter=1
$B ip route add 10.6.0.0/16 dev v1 table 100; $B ip rule add fwmark 6 lookup 100
$B iptables -t mangle -A PREROUTING -s 10.6.0.1 -j MARK --set-mark 6; $B iptables -A INPUT -s 10.6.0.1
$A ping -c 1 -W 1 -q -I 10.6.0.1 10.0.0.2 >/dev/null; $B iptables -vS INPUT | tail -1
$B sysctl -qw net.ipv4.conf.v1.src_valid_mark=1
$A ping -c 1 -W 1 -q -I 10.6.0.1 10.0.0.2 >/dev/null; $B iptables -vS INPUT | tail -1
