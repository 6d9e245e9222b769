ipset create d hash:ip,port initval 0x1234
for e in 1.1.1.1,tcp:80 1.1.1.1,80 1.1.1.1,udp:53-55 1.1.1.1,icmp:8/0 1.1.1.1,icmp:ping 1.1.1.1,tcp:http 1.1.1.1 1.1.1.1,gre:0 1.1.1.1,gre:5 1.1.1.2,0; do ipset add d $e; echo "$e $?"; done
ipset test d 1.1.1.1,80; echo $?
ipset list d
iptables -A OUTPUT -m set --match-set d dst,dst; echo $?
iptables -A OUTPUT -m set --match-set d dst; echo $?
