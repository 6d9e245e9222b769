for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -A INPUT -m conntrack --ctstate NEW
$B conntrack -E -o id >e 2>&1 & sleep 0.4
$A ping -c 1 -q 10.0.0.2 >/dev/null
$B conntrack -D -p icmp >/dev/null 2>&1
sleep 0.2; kill %1; wait; sed -E 's/id=[0-9]+/id=N/g; s/portid=[0-9A-Z]+/portid=P/; s/ progname=.*//; s/ 1 [23][09] / 1 T /' e
$B conntrack -E -e DESTROY -p icmp >e 2>&1 & sleep 0.4
$A ping -c 1 -q 10.0.0.2 >/dev/null; $B conntrack -F 2>/dev/null; sleep 0.2; kill %1; wait; sed -E 's/id=[0-9]+/id=N/g; s/portid=[0-9A-Z]+/portid=P/; s/ progname=.*//; s/ 1 [23][09] / 1 T /' e
