iptables -A OUTPUT -p icmp -c 3,300 -j ACCEPT
iptables -A INPUT -p icmp
ping -c 2 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vnL
iptables -vS
iptables -Z INPUT 1
iptables -vS INPUT
iptables -L -Z -vn > /dev/null
iptables -vS
iptables -A INPUT -c 3; echo $?
iptables -A INPUT -c a b; echo $?
