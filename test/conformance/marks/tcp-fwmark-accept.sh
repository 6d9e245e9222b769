for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
# an accepted socket takes the mark of its SYN
$B sysctl -w net.ipv4.tcp_fwmark_accept=1
$B iptables -t mangle -A PREROUTING -p tcp -j MARK --set-mark 9; $B iptables -t mangle -A OUTPUT -p tcp -m mark --mark 9 -m tcp --tcp-flags SYN,FIN,RST NONE
$B nc -l 80 </dev/null >/dev/null & sleep 0.3; echo hello | $A nc -N 10.0.0.2 80; wait
$B iptables -t mangle -vS OUTPUT | grep -c -- '-c [1-9]'
