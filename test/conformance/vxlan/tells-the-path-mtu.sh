for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# too large for the path below: the first goes in fragments, the next are told
ip -n a link add x0 type vxlan id 42 remote 10.0.0.2 dstport 4789; ip -n b link add x0 type vxlan id 42 remote 10.0.0.1 dstport 4789
for n in a b; do ip -n $n link set x0 mtu 1500 up; done; ip -n a addr add 10.42.0.1/24 dev x0; ip -n b addr add 10.42.0.2/24 dev x0
$A ping -c 1 -q -M do -s 1472 10.42.0.2 | grep received | sed 's/time.*//'
$A ping -c 1 -q -M do -s 1472 10.42.0.2 | grep received | sed 's/time.*//'
$A ping -c 1 -M do -s 1472 10.42.0.2 2>&1 | grep mtu
$A ping -c 1 -q -s 1472 10.42.0.2 | grep received | sed 's/time.*//'
$A ip route get 10.42.0.2 | grep -o 'mtu [0-9]*'
