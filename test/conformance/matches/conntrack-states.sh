iptables -A OUTPUT -p icmp -m conntrack --ctstate NEW
iptables -A OUTPUT -p icmp -m conntrack --ctstate ESTABLISHED
iptables -A INPUT -p icmp -m conntrack --ctstate NEW
iptables -A INPUT -p icmp -m state --state ESTABLISHED
iptables -A INPUT -p icmp -m conntrack --ctdir REPLY
iptables -A INPUT -m conntrack --ctstate INVALID
ping -c 3 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vS INPUT; iptables -vS OUTPUT
