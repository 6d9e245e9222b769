for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a addr add 10.5.0.1/32 dev lo; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.v1.rp_filter=0
$B timeout 9 tcpdump -ntl --immediate-mode -i v1 tcp[tcpflags] '!=' tcp-syn or icmp or udp 2>/dev/null > seen & sleep 0.5
# b has no route to who asks: nothing to a closed port, to an open one, to a ping
$A nc -nz -w 1 -s 10.5.0.1 10.0.0.2 80; echo "status $?"
timeout 3 $B nc -nl 81 </dev/null & n=$!; sleep 0.2
$A nc -nz -w 1 -s 10.5.0.1 10.0.0.2 81; echo "status $?"; wait $n
$A ping -qc 1 -W 1 -I 10.5.0.1 10.0.0.2 | grep -o '. received'
# what fails at once is no packet either
$B ping -c 1 10.9.0.1; echo "status $?"
echo x | $B nc -nu -w 1 10.9.0.1 9; $B nc -nz -w 1 10.9.0.1 9; echo "status $?"
$B ping -qc 1 -M do -s 3000 10.0.0.1 2>&1 | head -1
wait; grep . seen | sed 's/id [0-9]*, seq/seq/'
