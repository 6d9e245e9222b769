t() { echo "\$ $*"; "$@" 2>&1; echo "= $?"; }
ipset create ni hash:net,iface initval 7
t ipset add ni 10.0.0.0/8,eth0
t ipset add ni 10.0.0.0/8,eth1
t ipset add ni 10.0.0.0/8,eth1
t ipset add ni 0.0.0.0/0,lo
t ipset add ni 10.1.0.0-10.1.0.5,eth2
t ipset add ni 10.2.0.0/16,physdev:eth3
t ipset add ni 10.3.0.0/16,veth wildcard
t ipset add ni 10.3.0.0/16,veth0
t ipset add ni 10.3.0.0/16,ve wildcard nomatch
t ipset -exist add ni 10.3.0.0/16,veth
t ipset add ni 10.4.0.0/16,eth0 nomatch
t ipset add ni 10.4.0.0/16,aninterfacenametoolong
t ipset add ni 10.4.0.0/16,
t ipset add ni 10.4.0.0/16
t ipset add ni 10.4.0.0/16,physdev:
t ipset test ni 10.9.9.9,eth0
t ipset test ni 10.9.9.9,eth5
t ipset test ni 11.9.9.9,lo
t ipset test ni 10.3.9.9,veth7
t ipset test ni 10.3.9.9,vex
t ipset test ni 10.3.9.9,vex nomatch
t ipset test ni 10.2.9.9,physdev:eth3
t ipset test ni 10.3.9.9/16,veth7
ipset save ni
t ipset del ni 10.3.0.0/16,veth7
t ipset del ni 10.3.0.0/16,ve
ipset list ni
ipset -o xml list ni
t ipset create x hash:net,iface netmask 24
echo "many devices of one network"
ipset create many netifacehash initval 7
for i in $(seq 66); do ipset add many 10.0.0.0/8,if$i; [ $((i % 6)) = 0 ] && ipset -t list many | grep 'Header\|Size'; done 2>&1
for i in $(seq 60); do ipset del many 10.0.0.0/8,if$i; [ $((i % 5)) = 0 ] && ipset -t list many | grep Size; done
echo "packets"
ipset create p hash:net,iface; ipset add p 127.0.0.0/8,lo; ipset add p 127.0.0.2,lo nomatch; ipset add p 128.0.0.0/1,l wildcard
iptables -A INPUT -m set --match-set p src,src
iptables -A INPUT -m set --match-set p dst,src
iptables -A INPUT -m set --match-set p dst,dst
iptables -A OUTPUT -m set --match-set p dst,dst
iptables -A OUTPUT -m set --match-set p dst,src
ip addr add 192.168.9.9/32 dev lo
ping -c 1 127.0.0.1 >/dev/null; ping -c 1 127.0.0.2 >/dev/null; ping -c 1 192.168.9.9 >/dev/null
iptables-save -c | grep match-set
