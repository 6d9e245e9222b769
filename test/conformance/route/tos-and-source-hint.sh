for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
$A ip addr add 10.0.0.9/24 dev v0; $A ip route add 10.5.0.0/16 via 10.0.0.2 src 10.0.0.9; $A ip route add 10.5.0.0/16 tos 8 via 10.0.0.3; $A ip route get 10.5.0.1; $A ip route get 10.5.0.1 tos 8; $A ip route get 10.5.0.1 from 10.0.0.1; $A ip route get 10.5.0.1 from 9.9.9.9; $A ip route get 10.0.0.9; $A ip route get 10.5.0.1 oif lo; $A ip route get 10.5.0.1 oif v0; $A ip route get fibmatch 10.5.0.1; $A ip route get 10.6.0.1; $A ip route get; echo $?
