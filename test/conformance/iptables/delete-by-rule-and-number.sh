for i in 1 2 3; do iptables -A INPUT -s 10.0.0.$i -j ACCEPT; done
iptables -D INPUT 2; echo $?
iptables -D INPUT 3; echo $?
iptables -D INPUT 0; echo $?
iptables -D INPUT -s 10.0.0.3 -j DROP; echo $?
iptables -D INPUT -s 10.0.0.3 -j ACCEPT; echo $?
iptables -D NOPE -j ACCEPT; echo $?
iptables -S INPUT
