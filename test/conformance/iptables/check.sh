iptables -A INPUT -p tcp -m tcp --dport 80 -m mark --mark 1 -j ACCEPT
iptables -C INPUT -p tcp --dport 80 -m mark --mark 0x1 -j ACCEPT; echo $?
iptables -C INPUT -p tcp --dport http -m mark --mark 1/0xffffffff -j ACCEPT; echo $?
iptables -C INPUT -p tcp --dport 81 -m mark --mark 1 -j ACCEPT; echo $?
iptables -C INPUT -m mark --mark 1 -p tcp --dport 80 -j ACCEPT; echo $?
iptables -C NOPE -j ACCEPT; echo $?
iptables -C INPUT -j NOPE; echo $?
