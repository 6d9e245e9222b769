for n in a b c; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
# two customers with the same address behind one router b
ip link add v0 netns a type veth peer name va netns b
ip link add v0 netns c type veth peer name vc netns b
for n in a c; do ip -n $n addr add 10.0.0.1/24 dev v0; ip -n $n link set v0 up; ip -n b link set v$n up; done
ip -n b addr add 10.0.0.2/24 dev va;  ip -n b addr add 10.0.0.2/24 dev vc
A="ip netns exec a"; B="ip netns exec b"; C="ip netns exec c"
$B sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.va.rp_filter=0 net.ipv4.conf.vc.rp_filter=0
# the same client address twice, kept apart by zones and given different ports by NAT
ip link add vs netns b type veth peer name v0 netns s 2>/dev/null || { ip netns add s; ip -n s link set lo up; ip link add vs netns b type veth peer name v0 netns s; }
ip netns exec s sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip -n s addr add 10.0.9.2/24 dev v0; ip -n s link set v0 up; ip -n b addr add 10.0.9.1/24 dev vs; ip -n b link set vs up
ip -n a route add default via 10.0.0.2; ip -n c route add default via 10.0.0.2
$B sysctl -qw net.ipv4.ip_forward=1
$B iptables -t raw -A PREROUTING -i va -j CT --zone-orig 1
$B iptables -t raw -A PREROUTING -i vc -j CT --zone-orig 2
$B iptables -t nat -A POSTROUTING -o vs -j SNAT --to-source 10.0.9.1
ip netns exec s tcpdump -lni v0 -c 2 udp >d 2>/dev/null & sleep 0.5
echo a | $A nc -u -w1 -p 4000 10.0.9.2 9; echo c | $C nc -u -w1 -p 4000 10.0.9.2 9; sleep 0.3; wait
grep -c 10.0.9.1 d; sed -E 's/.*10.0.9.1.([0-9]+) .*/\1/' d | sort -u | wc -l
$B conntrack -L 2>/dev/null | grep -o 'src=10.0.0.1 .*zone-orig=[12]' | sort
