for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
ip -n b addr add 10.0.0.200/32 dev lo
ip -n b addr add 10.9.0.1/24 dev lo
ip -n a route add 10.9.0.0/24 dev v0
$A ping -c 1 -W 1 -q 10.9.0.7; echo $?
$B sysctl -qw net.ipv4.conf.v1.proxy_arp=1 net.ipv4.ip_forward=1
ip -n a neigh flush all
$A ping -c 1 -W 1 -q 10.9.0.1; echo $?
ip -n b route add 10.8.0.0/24 dev lo; ip -n a route add 10.8.0.0/24 dev v0
$A ping -c 1 -W 1 -q 10.8.0.1; ip -n a neigh show 10.8.0.1 | grep -c lladdr
