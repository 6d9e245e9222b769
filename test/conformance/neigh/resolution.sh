for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n a link set v0 address 02:00:00:00:00:01; ip -n b link set v1 address 02:00:00:00:00:02
ip -n a neigh; $A ping -c 1 -q 10.0.0.2 >/dev/null
ip -n a neigh; ip -n b neigh | sed s/REACHABLE/x/\;s/STALE/x/\;s/DELAY/x/
$A ping -c 1 -W 1 -q 10.0.0.77 >/dev/null; ip -n a neigh show 10.0.0.77
sleep 3; ip -n a neigh show 10.0.0.77
