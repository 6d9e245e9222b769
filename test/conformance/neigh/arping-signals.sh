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
timeout -s INT 2.5 ip netns exec a arping 10.0.0.2; echo "= $?"
timeout -s QUIT 1.5 ip netns exec a arping 10.0.0.9; echo "= $?"
timeout 1.5 ip netns exec a arping -U -I v0 10.0.0.1; echo "= $?"
timeout -s INT 1.5 ip netns exec a arping -q 10.0.0.9; echo "= $?"
timeout -s HUP 1.5 ip netns exec a arping -q 10.0.0.9; echo "= $?"
# The device goes away while it asks.
ip netns exec a arping -w 3 -I v0 10.0.0.9 & sleep 1.5; ip -n a link set v0 down; wait %1; echo "= $?"
ip -n a link set v0 up
ip netns exec a arping -w 3 -I v0 10.0.0.9 & sleep 1.5; ip -n a link del v0; wait %1; echo "= $?"
