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
$R iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu; $R ip link set rb mtu 1300; $B nc -l 80 </dev/null >/dev/null & sleep 0.3
$B tcpdump -i vb -U -w d 'tcp[13] & 2 != 0' 2>/dev/null & sleep 1; echo x | $A nc -N 10.0.2.2 80; wait %1; sleep 1.2; kill %2; wait; tcpdump -r d -nn -t 2>/dev/null | grep -o 'Flags ...\?\]\|mss [0-9]*' | paste - -
