# needs hash:net,port,net hash:ip,mac
t() { echo "\$ $*"; "$@" 2>&1; echo "= $?"; }
ipset create np hash:net,port,net initval 7
t ipset add np 10.0.0.0/8,tcp:80,10.1.0.0/16
t ipset add np 10.0.0.0/8,80,10.1.0.0/16
t ipset add np 0.0.0.0/0,udp:53,0.0.0.0/0
t ipset add np 10.0.0.0/8,tcp:80-82,10.2.0.0-10.2.0.3
t ipset add np 10.5.0.0/16,icmp:8/0,10.1.0.0/16 nomatch
t ipset add np 10.5.0.0/16,tcp:80
t ipset add np 10.5.0.0/16,,1.1.1.1
t ipset add np 10.5.0.0/16,gre:0,1.2.3.4
t ipset test np 10.9.9.9,80,10.1.2.3
t ipset test np 10.9.9.9,81,10.1.2.3
t ipset test np 10.9.9.9,udp:53,10.1.2.3
t ipset test np 10.5.9.9,icmp:8/0,10.1.2.3
t ipset del np 10.0.0.0/8,tcp:81,10.2.0.0/30
ipset list np
t ipset create x hash:net,port,net netmask 24
ipset create im hash:ip,mac initval 7
t ipset add im 10.0.0.1,02:00:00:00:00:01
t ipset add im 10.0.0.1,02:00:00:00:00:01
t ipset add im 10.0.0.1,02:00:00:00:00:02
t ipset add im 10.0.0.1
t ipset add im 10.0.0.1-10.0.0.3,02:00:00:00:00:02
t ipset add im 10.0.0.0/30,02:00:00:00:00:02
t ipset add im 10.0.0.1,00:00:00:00:00:00
t ipset add im 10.0.0.1,xx
t ipset test im 10.0.0.1,02:00:00:00:00:01
t ipset test im 10.0.0.2,02:00:00:00:00:01
t ipset del im 10.0.0.2,02:00:00:00:00:01
ipset list im
echo "packets"
ip netns add a
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02 netns a
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up
ip -n a addr add 10.0.0.2/24 dev v1; ip -n a link set v1 up
sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ipset add im 10.0.0.2,02:00:00:00:00:02
ipset add np 10.0.0.0/24,icmp:8/0,10.0.0.1
for how in src,src src,dst dst,src dst,dst; do iptables -A INPUT -m set --match-set im $how; done
for how in src,src,dst dst,src,src src,dst,dst; do iptables -A INPUT -m set --match-set np $how; done
sleep 1
ip netns exec a ping -c 1 10.0.0.1 >/dev/null; ping -c 1 10.0.0.2 >/dev/null
iptables-save -c | grep match-set
