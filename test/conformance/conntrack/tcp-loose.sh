for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# a connection that was there before tracking began
$B sh -c 'sleep 4 | nc -l 80 >got' & sleep 0.3
(echo one; sleep 1; echo two; sleep 1; echo three; sleep 1) | $A nc -N -p 40001 10.0.0.2 80 & sleep 0.5
$B iptables -A INPUT -p tcp -m conntrack --ctstate NEW -m comment --comment picked-up; $B iptables -A INPUT -p tcp -m conntrack --ctstate INVALID
sleep 1; $B conntrack -L -p tcp 2>/dev/null | sed -E 's/6 [0-9]+ /6 T /'; $B conntrack -F 2>/dev/null; $B sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0; sleep 0.9; $B conntrack -C; $B iptables -vS INPUT | grep -c -- 'INVALID -c [1-9]'; wait; cat got
