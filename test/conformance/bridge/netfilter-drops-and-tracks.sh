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
$R iptables -A FORWARD -p icmp -m physdev --physdev-in pa --physdev-out pc -j DROP; $R iptables -A FORWARD -p udp -j REJECT
for s in NEW ESTABLISHED; do $R iptables -A FORWARD -p icmp -m conntrack --ctstate $s; done
$A ping -c 1 -W 1 -q 10.0.0.3 | recv; $C ping -c 2 -i 0.2 -W 1 -q 10.0.0.2 | recv; $A ping -c 2 -i 0.2 -W 1 -q 10.0.0.2 | recv
$R iptables -vS FORWARD; $R conntrack -L -p icmp 2>/dev/null | sed -E 's/id=[0-9]+/id=N/g; s/icmp +1 [0-9]+/icmp 1 T/' | sort
