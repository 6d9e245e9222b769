iptables -t nat -A OUTPUT -p tcp --dport 81 -j REDIRECT --to-ports 82
iptables -t nat -A OUTPUT -p tcp -d 9.9.9.9 --dport 83 -j DNAT --to-destination 127.0.0.1:82
iptables -A INPUT -p tcp --dport 82 --syn -j REJECT --reject-with tcp-reset
nc -w 1 127.0.0.1 81; echo $?
iptables -t nat -vS OUTPUT
iptables -vS INPUT
