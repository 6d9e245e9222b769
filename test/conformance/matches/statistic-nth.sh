iptables -A OUTPUT -p icmp -m statistic --mode nth --every 3 --packet 0
iptables -A OUTPUT -p icmp -m statistic --mode nth --every 3 --packet 2
iptables -A INPUT -p icmp -m statistic --mode random --probability 1
iptables -A INPUT -p icmp -m statistic --mode random ! --probability 1
ping -c 4 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vS OUTPUT; iptables -vS INPUT
iptables -A INPUT -m statistic; echo $?
iptables -A INPUT -m statistic --mode nth --every 3; echo $?
iptables -A INPUT -m statistic --mode nth --every 3 --packet 3; echo $?
