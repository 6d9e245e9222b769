for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
for r in "-m length --length 84" "-m length --length 85:" "-m length ! --length 0:83" "-m ttl --ttl-eq 64" "-m ttl --ttl-lt 64" "-m ttl --ttl-gt 63" "-m tos --tos 0x10" "-m dscp --dscp 4"; do $B iptables -A INPUT -p icmp $r 2>&1 | head -1; done; $A ping -c 1 -Q 0x10 -q 10.0.0.2 >/dev/null; $B iptables -vS INPUT
