iptables -A INPUT ! -s 1.2.3.4 -j ACCEPT; echo $?
iptables -A INPUT -s ! 1.2.3.4 -j ACCEPT; echo $?
iptables -A INPUT ! ! -s 1.2.3.4 -j ACCEPT; echo $?
iptables -A INPUT ! -j ACCEPT; echo $?
iptables -A INPUT -j ACCEPT !; echo $?
iptables ! -A INPUT -j ACCEPT; echo $?
iptables -A INPUT ! -m mark --mark 1; echo $?
iptables -S INPUT
