iptables -A INPUT -s 10.0.0.1 -j ACCEPT
iptables -R INPUT 1 -s 10.0.0.2 -j DROP; echo $?
iptables -R INPUT 2 -s 10.0.0.2 -j DROP; echo $?
iptables -R INPUT -s 10.0.0.2 -j DROP; echo $?
iptables -R INPUT 1 -s 10.0.0.2,10.0.0.3 -j DROP; echo $?
iptables -S INPUT
