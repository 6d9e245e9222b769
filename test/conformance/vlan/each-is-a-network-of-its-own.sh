# needs vlan
for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a link set v0 up; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n a link add link v0 name v0.5 type vlan id 5; ip -n b link add link v1 name v5 type vlan id 5
ip -n a addr add 10.0.5.1/24 dev v0.5; ip -n b addr add 10.0.5.2/24 dev v5
ip -n a link set v0.5 up; ip -n b link set v5 up; sleep 1
# untagged, tagged 5 and tagged 6 are three networks
ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v1
ip -n a link add link v0 name v0.6 type vlan id 6; ip -n a link set v0.6 up; ip -n a addr add 10.0.6.1/24 dev v0.6
for d in 10.0.0.2 10.0.5.2 10.0.6.2; do $A ping -c 1 -W 1 -q $d | grep received | sed 's/time.*//'; done
ip -n b link add link v1 name v6 type vlan id 6; ip -n b addr add 10.0.6.2/24 dev v6; ip -n b link set v6 up; sleep 1
$A ping -c 1 -W 2 -q 10.0.6.2 | grep received | sed 's/time.*//'
$A iptables -A INPUT -i v0.5; $A iptables -A INPUT -i v0; $A ping -c 1 -q 10.0.5.2 >/dev/null; $A iptables -vS INPUT
