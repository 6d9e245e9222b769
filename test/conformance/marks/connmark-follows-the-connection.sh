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
# the first packet decides, every other of the connection gets the same mark
$R iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark
$R iptables -t mangle -A PREROUTING -i ra -m mark --mark 0 -p tcp --dport 80 -j MARK --set-mark 0x80
$R iptables -t mangle -A PREROUTING -i ra -m mark --mark 0 -p icmp -j MARK --set-mark 0x1
$R iptables -t mangle -A POSTROUTING -j CONNMARK --save-mark
$R iptables -t mangle -A FORWARD -m mark --mark 0x80 -m comment --comment web; $R iptables -t mangle -A FORWARD -m mark --mark 1 -m comment --comment ping
$B nc -l 80 </dev/null >/dev/null & sleep 0.3
echo hello | $A nc -N -p 40001 10.0.2.2 80; wait; $A ping -c 2 -i 0.2 -q 10.0.2.2 >/dev/null
$R iptables -t mangle -vS FORWARD | sed -E 's/-c ([0-9]+) [0-9]+ /-c \1 B /' | grep -c 'web -c [1-9]'; $R iptables -t mangle -vS FORWARD | grep ping
$R conntrack -L 2>/dev/null | grep -o '^[a-z]*\|mark=[0-9]*' | paste - - | sort
