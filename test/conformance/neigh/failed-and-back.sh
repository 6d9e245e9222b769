for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
$A ping -c 1 -W 4 10.0.0.9 | grep From; $A ip neigh; $B ip addr add 10.0.0.9/24 dev v1; $A ping -c 1 -W 2 -q 10.0.0.9 | grep received | sed 's/, time.*//'; $A ip neigh | sed 's/lladdr [0-9a-f:]*/lladdr M/' | grep 0.9
