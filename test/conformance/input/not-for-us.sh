for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n a route add 10.50.0.0/16 via 10.0.0.2
$A ping -c 1 -W 1 -q 10.50.0.1; echo $?
$B sysctl -qw net.ipv4.ip_forward=1
$A ping -c 1 -W 1 10.50.0.1; echo $?
ip -n b route add unreachable 10.50.0.0/24; ip -n b route add prohibit 10.50.1.0/24; ip -n b route add blackhole 10.50.2.0/24
for n in 0 1 2; do $A ping -c 1 -W 1 10.50.$n.1; echo $?; done
