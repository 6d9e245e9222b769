for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -A INPUT -m conntrack --ctstate NEW; $B sysctl -qw net.netfilter.nf_conntrack_udp_timeout=20 net.netfilter.nf_conntrack_udp_timeout_stream=90
$B sh -c 'nc -u -l 9 </dev/null >/dev/null' & sleep 0.3
l() { $B conntrack -L -p udp 2>/dev/null | sed -E 's/17 ([0-9])[0-9]* /17 \1x /'; }
(echo one; sleep 1; echo two; sleep 2; echo three; sleep 0.5) | $A nc -u -w 1 -p 4000 10.0.0.2 9 & sleep 0.5; l; sleep 2.9; l; kill %1 %2 2>/dev/null; wait
