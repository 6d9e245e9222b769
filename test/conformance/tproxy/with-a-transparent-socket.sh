# needs socat
for n in c s; do ip netns add $n; ip -n $n link set lo up; done
ip link add west type veth peer name v netns c; ip link add east type veth peer name v netns s
ip addr add 10.1.0.1/24 dev west; ip addr add 10.2.0.1/24 dev east; ip link set west up; ip link set east up
ip -n c addr add 10.1.0.10/24 dev v; ip -n s addr add 10.2.0.10/24 dev v; ip -n c link set v up; ip -n s link set v up
ip -n c route add default via 10.1.0.1; ip -n s route add default via 10.2.0.1
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.west.rp_filter=0 net.ipv4.conf.east.rp_filter=0
C="ip netns exec c"; S="ip netns exec s"
ask() { timeout 3 socat TCP-LISTEN:8080,reuseaddr$1 SYSTEM:'echo I am $SOCAT_SOCKADDR port $SOCAT_SOCKPORT' & sleep 0.3; $C nc -d -w 1 10.2.0.10 80; echo "status $?"; wait; }
# each of the three parts is missing once
iptables -t mangle -A PREROUTING -i west -p tcp --dport 80 -j TPROXY --on-port 8080 --tproxy-mark 1
ask ,transparent
ip rule add fwmark 1 lookup 100; ip route add local default dev lo table 100
ask ""
ask ,transparent
# calling in the client's name: the answers want a rule of their own
call() {
  timeout 4 $S socat TCP-LISTEN:80,reuseaddr SYSTEM:'echo you are $SOCAT_PEERADDR' &
  timeout 4 socat TCP-LISTEN:8080,reuseaddr,transparent TCP:10.2.0.10:80,bind=10.1.0.10,transparent &
  sleep 0.3; $C nc -d -w 2 10.2.0.10 80; echo "status $?"; wait
}
call
iptables -t mangle -I PREROUTING -p tcp -m socket --transparent -j MARK --set-mark 1
call
# the source is looked up with the mark
sysctl -qw net.ipv4.conf.west.rp_filter=1; ask ,transparent
sysctl -qw net.ipv4.conf.west.src_valid_mark=1; ask ,transparent
ip rule del fwmark 1 lookup 100; ip rule add fwmark 1 iif west lookup 100; ask ,transparent
