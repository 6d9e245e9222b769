for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -A INPUT -m connbytes --connbytes 3: --connbytes-dir both --connbytes-mode packets; $B sysctl -qw net.netfilter.nf_conntrack_acct=1
$A ping -c 3 -i 0.2 -q 10.0.0.2 >/dev/null; $B conntrack -L 2>/dev/null | sed -E 's/id=[0-9]+/id=N/g; s/icmp +1 [0-9]+/icmp 1 T/'; $B iptables -vS INPUT
