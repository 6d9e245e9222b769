for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B nc -ul 53 >/dev/null </dev/null & sleep 0.3
$A tcpdump -i v0 -U -w dump 2>/dev/null & sleep 1
$A ping -c 2 -i 0.2 -q -s 100 10.0.0.2 >/dev/null; echo x | $A nc -u -w 1 -p 4002 10.0.0.2 53
sleep 1.5; kill %2; wait %2 2>/dev/null; kill %1
for f in icmp 'src 10.0.0.1 and icmp' 'dst host 10.0.0.2 and not arp' 'udp port 53' 'portrange 50-60' 'net 10.0.0.0/24 and icmp' 'icmp[icmptype] = icmp-echoreply' 'greater 100 and icmp' 'less 60 and udp' 'ip[8] = 64 and icmp' 'ether proto 0x0806' 'not ip and not arp' '(udp or icmp) and src 10.0.0.2' 'ip proto 17' 'tcp'; do
  echo "$f: $(tcpdump -r dump -nn "$f" 2>/dev/null | wc -l)"; done
