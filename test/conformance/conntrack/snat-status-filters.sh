# a (10.0.1.2) - r - b (10.0.2.2)
for n in a r b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add va netns a type veth peer name ra netns r
ip link add vb netns b type veth peer name rb netns r
ip -n a addr add 10.0.1.2/24 dev va; ip -n a link set va up
ip -n b addr add 10.0.2.2/24 dev vb; ip -n b link set vb up
ip -n r addr add 10.0.1.1/24 dev ra; ip -n r link set ra up
ip -n r addr add 10.0.2.1/24 dev rb; ip -n r link set rb up
ip -n a route add default via 10.0.1.1; ip -n b route add default via 10.0.2.1
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
A="ip netns exec a"; R="ip netns exec r"; B="ip netns exec b"
$R iptables -t nat -A POSTROUTING -o rb -s 10.0.1.2 -p icmp -j MASQUERADE; $R iptables -t nat -A PREROUTING -d 10.9.0.1 -p udp -j DNAT --to-destination 10.0.2.2
$A ping -c 1 -q 10.0.2.2 >/dev/null; echo x | $A nc -u -w 1 -p 4000 10.9.0.1 9 2>/dev/null; echo x | $A nc -u -w 1 -p 4000 10.0.2.2 9 2>/dev/null
for o in "-L -n" "-p udp -g" "-L -j" "-u SEEN_REPLY" "-u ASSURED" "-r 10.0.2.2" "-q 10.0.2.1" "-p udp --dport 9" "-m 0"; do echo "$o"; $R conntrack ${o/#-[^L]*/-L $o} 2>/dev/null | awk '{print $1}' | sort; done
