# needs geneve
for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a link set v0 up; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# another VNI, another remote: not for this tunnel
ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v1; ip -n b addr add 10.0.0.3/24 dev v1
ip -n a link add g type geneve id 7 remote 10.0.0.2; ip -n b link add g type geneve id 8 remote 10.0.0.1
ip -n a addr add 10.9.0.1/24 dev g; ip -n b addr add 10.9.0.2/24 dev g; ip -n a link set g up; ip -n b link set g up
$A ping -c 1 -W 1 -q 10.9.0.2 | grep received | sed 's/time.*//'
ip -n b link del g; ip -n b link add g type geneve id 7 remote 10.0.0.9; ip -n b addr add 10.9.0.2/24 dev g; ip -n b link set g up
$A ping -c 1 -W 1 -q 10.9.0.2 | grep received | sed 's/time.*//'
ip -n b link del g; ip -n b link add g type geneve id 7 remote 10.0.0.1; ip -n b addr add 10.9.0.2/24 dev g; ip -n b link set g up
ip -n a neigh flush dev g; $A ping -c 1 -W 2 -q 10.9.0.2 | grep received | sed 's/time.*//'
# and its packets pass the outer hooks
$B iptables -A INPUT -p udp --dport 6081 -j DROP; $A ping -c 1 -W 1 -q 10.9.0.2 | grep received | sed 's/time.*//'; $B iptables -vS INPUT | sed 's/-c [1-9][0-9]* [0-9]*/-c N/'
