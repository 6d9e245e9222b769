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
# lower goes down: so do they, and come back with it
br() { ip -n a -br link show type vlan | sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/'; ip -n a route; }
br; ip -n a link set v0 down; br; ip -n a link set v0.5 up; echo $?; ip -n a link set v0 up; sleep 1; br
ip -n b link set v1 down; sleep 1; br; ip -n b link set v1 up; sleep 1; br
ip -n a link set v0.5 down; ip -n a link set v0 up; br
ip -n a link del v0; ip -n a link show type vlan
