for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.v1.rp_filter=0; $A ip addr add 10.9.0.1/32 dev lo; $B iptables -t raw -A PREROUTING -p icmp -m rpfilter; $B iptables -t raw -A PREROUTING -p icmp -m rpfilter --invert; $B iptables -t raw -A PREROUTING -p icmp -m rpfilter --loose; $B iptables -t raw -A PREROUTING -p icmp -m rpfilter --validmark
$A ping -c 1 -q 10.0.0.2 >/dev/null; $A ping -c 1 -W 1 -q -I 10.9.0.1 10.0.0.2 >/dev/null; $B iptables -t raw -vS PREROUTING
