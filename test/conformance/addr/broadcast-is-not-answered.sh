for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
$B sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip -n a addr flush dev v0; ip -n a addr add 10.0.0.1/24 brd + dev v0
ip -n b addr flush dev v1; ip -n b addr add 10.0.0.2/24 brd + dev v1
$A ping -b -c 1 -W 1 10.0.0.255
$B sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=1
$A ping -b -c 1 -W 1 10.0.0.255
$A ping -c 1 10.0.0.255
