for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
$A ip route add default via 10.0.0.2; $A ip route add 10.7.0.0/16 via 10.0.0.3 table 7; $A ip rule add not to 10.7.0.0/16 blackhole prio 10; $A ip route get 10.7.1.1; $A ip route get 10.8.1.1; $A ip rule del prio 10
$A ip rule add lookup main suppress_prefixlength 0 prio 11; $A ip rule add lookup 7 prio 12; $A ip route get 10.7.1.1; $A ip route get 10.0.0.9; $A ip route get 8.8.8.8; $A ip rule del prio 12; $A ip rule add lookup main suppress_ifgroup default prio 9; $A ip route get 8.8.8.8; $A ip rule
