ipset create seen hash:ip
iptables -A OUTPUT -p icmp -j SET --add-set seen dst
ping -c 1 -q 127.0.0.1 > /dev/null; ping -c 1 -q 127.0.0.2 > /dev/null
ipset list seen -s | tail -3
iptables -A OUTPUT -p icmp -j SET --del-set seen dst
ping -c 1 -q 127.0.0.1 > /dev/null
ipset list seen | tail -1
iptables -A OUTPUT -j SET; echo $?
iptables -A OUTPUT -j SET --exist --del-set seen src; echo $?
iptables -S OUTPUT
