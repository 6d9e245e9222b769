for t in echo-request ping 8 8/0 3/1 host-unreachable any echo time router 256 3/ 8/0x; do iptables -A INPUT -p icmp --icmp-type $t; echo "$t $?"; done
iptables -A INPUT -p icmp ! --icmp-type 3/5 -j DROP
iptables -A INPUT -p icmp -m icmp; echo $?
iptables -S INPUT; iptables -L INPUT; iptables -nL INPUT
