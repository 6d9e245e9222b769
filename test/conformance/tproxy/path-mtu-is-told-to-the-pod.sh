# needs socat
# c asks p; r gives its packets to z, which answers in p's name and may send larger packets than r can to c
for n in c r p z; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip netns exec $n sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  ip -n $n link set lo up
done
i=0
for n in c p z; do
  i=$((i + 1))
  ip link add $n netns r type veth peer name eth0 netns $n
  ip -n r addr add 10.$i.0.1/24 dev $n; ip -n $n addr add 10.$i.0.10/24 dev eth0
  ip -n r link set $n up; ip -n $n link set eth0 up; ip -n $n route add default via 10.$i.0.1
done
C="ip netns exec c"; R="ip netns exec r"; P="ip netns exec p"; Z="ip netns exec z"
$R sysctl -qw net.ipv4.ip_forward=1
$R iptables -t mangle -A PREROUTING -i c -p tcp --dport 80 -j MARK --set-mark 1
ip -n r rule add fwmark 1 lookup 100; ip -n r route add default via 10.3.0.10 table 100
$Z iptables -t mangle -A PREROUTING -p tcp --dport 80 -j TPROXY --on-port 8080 --tproxy-mark 1
ip -n z rule add fwmark 1 lookup 100; ip -n z route add local default dev lo table 100
ip -n c link set eth0 mtu 8896; ip -n r link set c mtu 1460; ip -n z link set eth0 mtu 1460
ask() {
  timeout 4 $Z socat TCP-LISTEN:8080,reuseaddr,transparent SYSTEM:"head -c $1 /dev/zero" &
  sleep 0.3; $C timeout 3 nc -d -w 2 10.2.0.10 80 | wc -c; wait $! 2>/dev/null
}
told() { $1 iptables -nvxL INPUT | awk '/icmp/ {print "'$2' was told " ($1 ? "so" : "nothing")}'; $1 iptables -Z; }
for n in "$P" "$Z"; do $n iptables -A INPUT -p icmp --icmp-type fragmentation-needed; done
# who sends knows what fits
ask 3000; told "$P" p
# only z thinks that more fits: what is small goes, what is large does not, and p is told of it
ip -n r link set z mtu 8896; ip -n z link set eth0 mtu 8896
ask 100; told "$P" p; told "$Z" z
ask 3000; told "$P" p; told "$Z" z
ip -n z route get 10.1.0.10 | grep -o 'mtu .*'
# who asks says less
ip -n c link set eth0 mtu 1460; ask 3000; ip -n c link set eth0 mtu 8896
# a route that says less
ip -n z route change default via 10.3.0.1 mtu 1460; ask 3000; ip -n z route change default via 10.3.0.1
# who hears nothing at all may find out
$Z sysctl -qw net.ipv4.tcp_mtu_probing=1
timeout 9 $Z socat TCP-LISTEN:8080,reuseaddr,transparent SYSTEM:"head -c 3000 /dev/zero" & sleep 0.3
$C timeout 8 nc -d -w 6 10.2.0.10 80 | wc -c; wait
$Z sysctl -qw net.ipv4.tcp_mtu_probing=0; told "$P" p
# r tells z, which knows its own by the match socket
$R iptables -t mangle -A OUTPUT -p icmp --icmp-type fragmentation-needed -d 10.2.0.10 -j MARK --set-mark 1
ask 3000; told "$Z" z
$Z iptables -t mangle -A PREROUTING -p icmp -m socket --transparent -j MARK --set-mark 1
ask 3000; told "$Z" z; told "$P" p
ip -n z route get 10.1.0.10 from 10.2.0.10 iif lo 2>/dev/null | grep -o 'mtu .*'
# and once told, at once
$R iptables -t mangle -F OUTPUT; ask 3000; told "$P" p
