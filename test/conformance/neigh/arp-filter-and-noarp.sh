for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up; sleep 0.2
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; sleep 0.2
A="ip netns exec a"; B="ip netns exec b"
$B ip addr add 10.0.5.2/24 dev lo; t() { $A ip neigh flush all; $A ping -c 1 -W 1 -q $1 2>&1 | grep -E 'ping:|received' | sed -E 's/, (\+1 errors, )?[0-9]+% .*//'; }
$A ip route add 10.0.5.2 dev v0; t 10.0.5.2; $B sysctl -qw net.ipv4.conf.v1.arp_ignore=1; t 10.0.5.2; t 10.0.0.2; $B sysctl -qw net.ipv4.conf.v1.arp_ignore=0; $B ip link set v1 arp off; t 10.0.0.2; $B ip link set v1 arp on; t 10.0.0.2
