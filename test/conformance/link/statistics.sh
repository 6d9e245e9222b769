for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
ip -n a neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
ip -n b link set v1 address 02:00:00:00:00:02
ip -n b neigh add 10.0.0.1 lladdr $(cat /proc/self/fd/0 </dev/null; ip -n a -br link show v0 | awk '{print $3}') dev v1
$A ping -c 2 -i 0.2 -q 10.0.0.2 >/dev/null
ip -n a -s link show v0
ip -n b -s link show v1
