iptables -P INPUT ACCEPT -c 9 900
iptables -A INPUT -c 1 10 -s 1.1.1.1
iptables -vS INPUT
iptables -P INPUT ACCEPT -c 9 900
iptables -vS INPUT
iptables -A FORWARD -s 1.1.1.1
iptables -vS INPUT
