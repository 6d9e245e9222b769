for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a link set v0 address 02:00:00:00:00:01; ip -n b link set v1 address 02:00:00:00:00:02
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B tcpdump -i v1 -U -w dump 2>/dev/null & sleep 1
{
$A arping -c 2 10.0.0.2
$A arping -b -c 2 -s 10.0.0.1 10.0.0.2
$A arping -D -I v0 10.0.0.2
$A arping -D -I v0 -s 10.0.0.1 -c 1 10.0.0.9
$A arping -U -c 1 -I v0 10.0.0.1
$A arping -A -c 1 -I v0 10.0.0.1
$A arping -U -c 1 -I v0 -s 10.0.0.1 10.0.0.2
$A arping -A -c 1 -I v0 -s 10.0.0.1 10.0.0.2
} >/dev/null
sleep 0.5; kill %1; wait 2>/dev/null
tcpdump -r dump -nn -t -e arp 2>/dev/null
