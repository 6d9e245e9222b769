t() { echo "\$ $*"; "$@" 2>&1; echo "= $?"; }
ipset create bm bitmap:ip,mac range 10.0.0.0/24
ipset create bt macipmap range 10.0.0.0/24 timeout 600 counters comment
t ipset create x bitmap:ip,mac
t ipset create x bitmap:ip,mac range 10.0.0.0/8
t ipset create x bitmap:ip,mac range 10.0.0.0/24 netmask 28
t ipset add bm 10.0.0.1,02:00:00:00:00:01
t ipset add bm 10.0.0.1,02:00:00:00:00:02
t ipset -exist add bm 10.0.0.1,02:00:00:00:00:03
t ipset add bm 10.0.0.2
t ipset add bm 10.0.0.2
t ipset add bm 10.0.0.3
t ipset add bm 10.0.0.3,02:00:00:00:00:05
t ipset add bm 10.0.1.3,02:00:00:00:00:05
t ipset add bm 10.0.0.4-10.0.0.5,02:00:00:00:00:05
t ipset add bm 10.0.0.4/31
t ipset add bm 10.0.0.4,00:00:00:00:00:00
t ipset add bm 10.0.0.4,02:00:00:00:00:05,3
t ipset test bm 10.0.0.1,02:00:00:00:00:03
t ipset test bm 10.0.0.1,02:00:00:00:00:04
t ipset test bm 10.0.0.1
t ipset test bm 10.0.0.2,02:00:00:00:00:04
t ipset test bm 10.0.0.9
t ipset test bm 10.0.9.9
t ipset del bm 10.0.0.9
ipset list bm
t ipset del bm 10.0.0.2,02:00:00:00:00:77
t ipset del bm 10.0.0.1
ipset save bm
echo "packets"
ip netns add a
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02 netns a
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up
ip -n a addr add 10.0.0.2/24 dev v1; ip -n a link set v1 up
sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ipset add bt 10.0.0.1,02:00:00:00:00:01
ipset add bt 10.0.0.2 comment x
ipset add bt 10.0.0.3 timeout 50
ipset add bt 10.0.0.4 timeout 0
ipset list bt | sed 's/,\(.*\) timeout [0-9]*/,\1 timeout T/'
for how in src,src src,dst dst,src dst,dst src; do iptables -A INPUT -m set --match-set bt $how; done 2>&1
iptables -A INPUT -m set --match-set bt src,src --packets-gt 1
sleep 1
ip netns exec a ping -c 1 10.0.0.1 >/dev/null
ipset list bt | sed -n '/Members/,$p' | sed 's/,\(.*\) timeout [0-9]*/,\1 timeout T/'
ip netns exec a ping -c 1 10.0.0.1 >/dev/null; ping -c 1 10.0.0.2 >/dev/null
iptables-save -c | grep match-set
ipset list bt | sed -n '/Members/,$p' | sed 's/,\(.*\) timeout [0-9]*/,\1 timeout T/'
