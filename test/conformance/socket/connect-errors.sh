for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n b route add 10.9.0.0/16 dev v1; for t in "10.0.0.2 9" "10.99.0.1 9"; do $A nc -w 1 -v $t; echo $?; done
ip -n a route add unreachable 10.1.0.0/16; ip -n a route add prohibit 10.2.0.0/16; ip -n a route add blackhole 10.3.0.0/16
for t in 10.1.0.1 10.2.0.1 10.3.0.1; do $A nc -w 1 -v $t 9; echo x | $A nc -u -v -w 1 $t 9; done
