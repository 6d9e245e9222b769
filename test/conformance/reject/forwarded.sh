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
# the router answers in its own name
$R iptables -A FORWARD -p icmp -d 10.0.2.2 -j REJECT --reject-with icmp-admin-prohibited; $R iptables -A FORWARD -p tcp --dport 80 -j REJECT --reject-with tcp-reset
$A ping -c 1 -W 1 10.0.2.2 | grep -E From; $R tcpdump -i ra -U -w d tcp 2>/dev/null & sleep 1; $A nc -w 1 -p 40001 10.0.2.2 80; echo $?; sleep 1.2; kill %1; wait
tcpdump -r d -nn -t 2>/dev/null | sed -E 's/seq [0-9]+/seq N/; s/ack [0-9]+/ack N/; s/, options.*//'
