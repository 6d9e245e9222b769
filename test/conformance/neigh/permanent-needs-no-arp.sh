for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
M=02:00:00:00:00:02; $B ip link set v1 address $M; $A ip neigh add 10.0.0.2 lladdr $M dev v0; $B tcpdump -i v1 -U -w d arp 2>/dev/null & sleep 1
$A ping -c 1 -W 1 -q 10.0.0.2 | grep received | sed 's/, time.*//'; sleep 1.2; kill %1; wait; tcpdump -r d -nn -t 2>/dev/null | grep -c 'tell 10.0.0.1'; $A ip neigh | sed 's/lladdr [0-9a-f:]*/lladdr M/'
$A ip neigh change 10.0.0.2 lladdr 02:00:00:00:00:99 dev v0; $A ping -c 1 -W 1 -q 10.0.0.2 | grep received | sed 's/, time.*//'
