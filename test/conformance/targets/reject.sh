iptables -A INPUT -p icmp --icmp-type 8 -j REJECT
ping -c 1 -q 127.0.0.1 | sed -n 4p
iptables -R INPUT 1 -p icmp --icmp-type 8 -j REJECT --reject-with icmp-host-prohibited
ping -c 1 127.0.0.1 | sed -n 2p
iptables -R INPUT 1 -p tcp -j REJECT --reject-with tcp-reset
nc -w 2 127.0.0.1 81; echo $?
iptables -R INPUT 1 -p tcp -j REJECT --reject-with icmp-admin-prohibited
nc -v -w 2 127.0.0.1 81; echo $?
iptables -A INPUT -j REJECT --reject-with tcp-reset; echo $?
iptables -A INPUT -j REJECT --reject-with foo; echo $?
iptables -t mangle -A INPUT -j REJECT; echo $?
for k in net-unreach proto-unreach port-unreach net-prohib; do iptables -A OUTPUT -j REJECT --reject-with $k; done
iptables -S; iptables -nL OUTPUT
