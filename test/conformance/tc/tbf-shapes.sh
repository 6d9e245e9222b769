for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# 1042 bytes need a second: one goes with the burst, one waits, the rest is dropped
ip -n a link set v0 address 02:00:00:00:00:01; ip -n b link set v1 address 02:00:00:00:00:02
ip -n a neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0; ip -n b neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev v1
$A tc qdisc add dev v0 root handle 1: tbf rate 8kbit burst 1100 limit 1100
$B iptables -A INPUT -p udp -j DROP
(for i in 1 2 3 4; do head -c 1000 /dev/zero; sleep 0.2; done) | $A nc -u -w 2 10.0.0.2 9
$A tc -s qdisc show dev v0 | sed 's/overlimits [0-9]*/overlimits N/'; $B iptables -vS INPUT | tail -1
$A tc qdisc replace dev v0 root handle 1: tbf rate 80mbit burst 1000 limit 5000; $A ping -c 1 -W 1 -s 1000 -q 10.0.0.2 2>&1 | grep received | sed 's/, time.*//'; $A ping -c 1 -W 1 -s 900 -q 10.0.0.2 | grep received | sed 's/, time.*//'
