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
$B tcpdump -i v1 -U -w d -c 4 2>/dev/null & sleep 1
$A ping -c 1 10.0.5.2 | head -2 | sed 's/time=.*/time=T/'; wait; tcpdump -r d -nne -t 2>/dev/null; tcpdump -r d -nn -t 2>/dev/null
ip -n a -s link show v0.5 | tail -4
