iptables -N old
iptables -A old -j ACCEPT
iptables -A INPUT -j old
iptables -N taken
iptables -E old taken; echo $?
iptables -E old zebra; echo $?
iptables -E nope x; echo $?
iptables -E INPUT x; echo $?
iptables -E old; echo $?
iptables -S
