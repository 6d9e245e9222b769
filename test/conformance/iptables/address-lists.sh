iptables -A INPUT -s 1.1.1.1,2.2.2.2/24 -d 3.3.3.3,4.4.4.4 -j DROP
iptables -S INPUT
iptables -A INPUT ! -s 1.1.1.1,2.2.2.2 -j DROP; echo $?
iptables -D INPUT -s 1.1.1.1,2.2.2.2/24 -d 3.3.3.3,4.4.4.4 -j DROP; echo $?
iptables -S INPUT
