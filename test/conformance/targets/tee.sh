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
$R iptables -t mangle -A PREROUTING -i ra -p icmp -j TEE --gateway 10.0.2.2; $B tcpdump -i vb -U -w d icmp 2>/dev/null & sleep 1; $A ping -c 1 -W 1 -q 10.0.1.1 | grep received | sed 's/, time.*//'; sleep 1.2; kill %1; wait; tcpdump -r d -nn -t -v 2>/dev/null | sed 's/id [0-9]*/id N/g' | grep -v '^IP'
