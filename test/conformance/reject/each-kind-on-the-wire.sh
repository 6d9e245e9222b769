for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
p=1001; for k in icmp-net-unreachable icmp-host-unreachable icmp-port-unreachable icmp-proto-unreachable icmp-net-prohibited icmp-host-prohibited icmp-admin-prohibited; do $B iptables -A INPUT -p udp --dport $p -j REJECT --reject-with $k; p=$((p+1)); done
$A ping -c 1 -q 10.0.0.2 >/dev/null; $A tcpdump -i v0 -U -w d icmp 2>/dev/null & sleep 1
for p in 1001 1002 1003 1004 1005 1006 1007; do echo x | $A nc -u -w 1 -p 4000 10.0.0.2 $p; done; sleep 1.2; kill %1; wait; tcpdump -r d -nn -t 2>/dev/null
