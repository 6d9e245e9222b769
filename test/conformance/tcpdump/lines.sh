for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n a link set v0 address 02:00:00:00:00:01; ip -n b link set v1 address 02:00:00:00:00:02
$B nc -l 80 >/dev/null </dev/null & $B nc -ul 53 >/dev/null </dev/null & sleep 0.3
$A tcpdump -i v0 -U -w dump 2>/dev/null & sleep 1
$A ping -c 1 -q 10.0.0.2 >/dev/null; echo hello | $A nc -N -p 40001 10.0.0.2 80; echo x | $A nc -u -w 1 -p 40002 10.0.0.2 54
sleep 1.5; kill %3; wait %3 2>/dev/null; kill %1 %2 2>/dev/null
n() { sed -E 's/(win|wscale) [0-9]+/\1 W/g; s/(cksum) 0x[0-9a-f]+ \([a-z]+[^)]*\)/\1 C/'; }
tcpdump -r dump -nn -t icmp 2>/dev/null; tcpdump -r dump -nn -t -e arp 2>/dev/null; tcpdump -r dump -nn -t udp 2>/dev/null
tcpdump -r dump -nn -t 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0' 2>/dev/null | n
tcpdump -r dump -nn -t -q tcp 2>/dev/null | head -4
tcpdump -r dump -nn -t -v icmp 2>/dev/null; tcpdump -r dump -nn -t -c 1 -x icmp 2>/dev/null | head -1
