for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# strict: the way back must be this device; loose: any
$B ip link add x0 type veth peer name x1; $B ip link set x0 up; $B ip link set x1 up; $B ip addr add 10.5.0.2/24 dev x0
$A ip addr add 10.5.0.9/32 dev lo; $A ip route add 10.5.0.2 via 10.0.0.2; $B sysctl -qw net.ipv4.conf.all.rp_filter=0
$B iptables -t raw -A PREROUTING -i v1 -s 10.5.0.9; $B iptables -A INPUT -i v1 -s 10.5.0.9
for f in 0 1 2; do $B sysctl -qw net.ipv4.conf.v1.rp_filter=$f; $A ping -c 1 -W 1 -q -I 10.5.0.9 10.0.0.2 >/dev/null; echo $f; $B iptables -vS INPUT | tail -1; done
$B ip addr del 10.5.0.2/24 dev x0; $B sysctl -qw net.ipv4.conf.v1.rp_filter=2; $A ping -c 1 -W 1 -q -I 10.5.0.9 10.0.0.2 >/dev/null; $B iptables -vS INPUT | tail -1; $B iptables -t raw -vS PREROUTING | tail -1
