# needs br_netfilter
# a, b and c behind one bridge in r
for n in a b c r; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip netns exec r sysctl -qw net.bridge.bridge-nf-call-iptables=1
ip -n r link add br0 type bridge; ip -n r link set br0 up
i=1
for n in a b c; do
  ip link add v0 netns $n type veth peer name p$n netns r
  ip -n $n link set v0 address 02:00:00:00:00:0$i; ip -n $n addr add 10.0.0.$i/24 dev v0; ip -n $n link set v0 up
  ip -n r link set p$n master br0; ip -n r link set p$n up
  i=$((i+1))
done
sleep 0.3
A="ip netns exec a"; B="ip netns exec b"; C="ip netns exec c"
recv() { grep received | sed 's/, time.*//'; }
fdb() { bridge -n r fdb show br br0 | grep '^02:00:00:00:00:0' | grep -v vlan | sort; }
R="ip netns exec r"
# PREROUTING once, whether a frame is bridged or for us
ip -n r addr add 10.0.0.254/24 dev br0; $R iptables -t raw -A PREROUTING -p icmp; $R iptables -t mangle -A PREROUTING -p icmp -m physdev --physdev-in pa; $R iptables -A INPUT -p icmp -m physdev --physdev-in pa; $R iptables -A INPUT -p icmp -m physdev --physdev-is-bridged; $R iptables -A INPUT -i br0 -p icmp; $R iptables -t mangle -A POSTROUTING -p icmp; $R iptables -t mangle -A POSTROUTING -p icmp -m physdev --physdev-out pa --physdev-is-bridged
$A ping -c 1 -W 1 -q 10.0.0.254 | recv; $R iptables-save -c | grep '^\['
$R iptables -t nat -A PREROUTING -p icmp -d 10.0.0.77 -j DNAT --to-destination 10.0.0.254; $A ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:03 dev v0; $A ping -c 1 -W 1 -q 10.0.0.77 | recv; $R iptables -t nat -vS PREROUTING | tail -1
