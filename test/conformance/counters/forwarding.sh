# what a router counts: forwarded, expired, too large, without a route, not believed
export NSTAT_HISTORY=$PWD/history
for n in a b; do
  ip netns add $n; ip link add to-$n type veth peer name eth0 netns $n
  sysctl -qw net.ipv6.conf.to-$n.disable_ipv6=1 2>/dev/null; ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
  ip link set to-$n up; ip -n $n link set eth0 up; ip -n $n link set lo up
done
ip addr add 10.0.1.1/24 dev to-a; ip addr add 10.0.2.1/24 dev to-b
ip -n a addr add 10.0.1.2/24 dev eth0; ip -n b addr add 10.0.2.2/24 dev eth0
ip -n a route add default via 10.0.1.1; ip -n b route add default via 10.0.2.1
sysctl -qw net.ipv4.ip_forward=1
in_a() { ip netns exec a "$@"; }
says() { echo "== $1"; nstat; }
nstat -n
in_a ping -qc 2 10.0.2.2 >/dev/null; says "through"
in_a ping -qc 1 -t 1 -W 1 10.0.2.2 >/dev/null; says "ttl"
in_a ping -qc 1 -W 1 10.9.9.9 >/dev/null; says "no route"
ip link set to-b mtu 1000; in_a ping -qc 1 -W 1 -M do -s 1200 10.0.2.2 >/dev/null; says "too large"
in_a ping -qc 1 -W 1 -M dont -s 1200 10.0.2.2 >/dev/null; says "cut"
sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.to-a.rp_filter=1
in_a ip addr add 10.77.0.1/32 dev lo; in_a ping -qc 1 -W 1 -I 10.77.0.1 10.0.2.2 >/dev/null; says "source not believed"
iptables -A FORWARD -p icmp -j DROP; in_a ping -qc 1 -W 1 10.0.2.2 >/dev/null; says "dropped by FORWARD"
iptables -F; iptables -t mangle -A POSTROUTING -p icmp -j DROP; in_a ping -qc 1 -W 1 10.0.2.2 >/dev/null; says "dropped by POSTROUTING"
iptables -t mangle -F; iptables -A FORWARD -p icmp -j REJECT --reject-with icmp-admin-prohibited
in_a ping -qc 1 -W 1 10.0.2.2 >/dev/null; says "rejected"; echo "== a"; in_a nstat -as
iptables -F; sysctl -qw net.ipv4.ip_forward=0; in_a ping -qc 1 -W 1 10.0.2.2 >/dev/null; says "no router"
ip route add unreachable 10.55.0.0/24; ip route add blackhole 10.56.0.0/24; ip route add prohibit 10.57.0.0/24; sysctl -qw net.ipv4.ip_forward=1
for n in 55 56 57; do in_a ping -qc 1 -W 1 10.$n.0.1 >/dev/null; says "10.$n"; done
