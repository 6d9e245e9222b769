# a, b and c behind one bridge in r
for n in a b c r; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
# some kernels show bridged packets to iptables, some do not
ip netns exec r sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null
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
$C tcpdump -i v0 -U -w d -p icmp 2>/dev/null & sleep 1
$A ping -c 1 -q 10.0.0.2 >/dev/null; bridge -n r fdb del 02:00:00:00:00:02 dev pb master; $A ping -c 1 -q 10.0.0.2 >/dev/null; sleep 1.2; kill %1; wait; tcpdump -r d -nne -t 2>/dev/null | sed 's/id [0-9]*/id N/'
