iptables -A INPUT -p tcp --sport 1: --dport :1024 -j ACCEPT
iptables -A INPUT -p tcp ! --sport 22:23 ! --syn --tcp-option 8
iptables -A INPUT -p tcp --tcp-flags ALL NONE
iptables -A INPUT -p udp --dport domain ! --sport 53:54
iptables -A INPUT -p tcp --dport 70000; echo $?
iptables -A INPUT -p tcp --dport 5:4; echo $?
iptables -A INPUT -p tcp --dport a; echo $?
iptables -A INPUT -p udp --dport a; echo $?
iptables -A INPUT -p tcp --syn --tcp-flags ALL SYN; echo $?
iptables -A INPUT -p tcp --tcp-flags ALL; echo $?
iptables -A INPUT -p tcp --tcp-flags FOO SYN; echo $?
iptables -A INPUT -m tcp --dport 80; echo $?
iptables -A INPUT -p udp -m tcp --dport 80; echo $?
iptables -A INPUT -p tcp -m tcp --dport 80 --dport 81; echo $?
iptables -S INPUT; iptables -L INPUT; iptables -nL INPUT
