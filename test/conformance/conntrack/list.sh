for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$A iptables -A OUTPUT -m conntrack --ctstate NEW
$B nc -l 80 >/dev/null </dev/null & $B nc -ul 53 >/dev/null </dev/null & sleep 0.3
$A ping -c 1 -q 10.0.0.2 >/dev/null
sleep 2 | $A nc -p 40001 10.0.0.2 80 & sleep 0.3
echo x | $A nc -u -p 40002 -w 1 10.0.0.2 53
$A conntrack -L 2>/dev/null | sort | sed -E 's/id=[0-9]+/id=N/g'; $A conntrack -L -p tcp --dport 80 2>&1 | tail -1
$A conntrack -C; $A cat /proc/sys/net/netfilter/nf_conntrack_count
kill %1 %2 2>/dev/null; wait
