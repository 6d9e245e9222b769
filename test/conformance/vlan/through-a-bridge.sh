# needs vlan
for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a link set v0 up; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# a bridge carries tags through, and a VLAN upon the bridge takes its own
ip netns add r; ip netns exec r sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; ip -n a link del v0
ip link add v0 netns a type veth peer name ra netns r; ip link add v1 netns b type veth peer name rb netns r
ip -n r link add br0 type bridge; ip -n r link set ra master br0; ip -n r link set rb master br0
for d in ra rb br0; do ip -n r link set $d up; done; ip -n a link set v0 up; ip -n b link set v1 up
ip -n r link add link br0 name br0.5 type vlan id 5; ip -n r link set br0.5 up; ip -n r addr add 10.0.5.3/24 dev br0.5
ip -n a link add link v0 name v0.5 type vlan id 5; ip -n b link add link v1 name v5 type vlan id 5
ip -n a addr add 10.0.5.1/24 dev v0.5; ip -n b addr add 10.0.5.2/24 dev v5
ip -n a link set v0.5 up; ip -n b link set v5 up; sleep 1
$A ping -c 1 -W 2 -q 10.0.5.2 | grep received | sed 's/time.*//'; $A ping -c 1 -W 2 -q 10.0.5.3 | grep received | sed 's/time.*//'
ip -n r -s link show br0.5 | grep -c RX
