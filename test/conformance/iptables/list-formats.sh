iptables -A INPUT -p tcp -s 127.0.0.1 --dport 80 -j ACCEPT
iptables -A INPUT -s 10.0.0.0/8 -i eth0 -j DROP
iptables -N empty
iptables -L
iptables -nL INPUT --line-numbers
iptables -vL INPUT 1
iptables -nL INPUT 2 --line-numbers
iptables -vnxL empty
iptables -L nope; echo $?
iptables -L INPUT 9; echo $?
iptables -S INPUT 1
iptables -S nope; echo $?
