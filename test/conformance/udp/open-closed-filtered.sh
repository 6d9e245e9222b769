for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B sh -c 'nc -u -l 90 </dev/null >got' & sleep 0.3; $B iptables -A INPUT -p udp --dport 92 -j DROP
for p in 90 91 92; do echo x | $A nc -u -v -w 1 10.0.0.2 $p; echo $?; done; kill %1; wait 2>/dev/null; cat got
