iptables -t raw -A OUTPUT -p icmp -j NOTRACK
iptables -t raw -A PREROUTING -p icmp -j CT --notrack
iptables -A OUTPUT -p icmp -m conntrack --ctstate UNTRACKED
iptables -A INPUT -p icmp -m conntrack --ctstate NEW,ESTABLISHED
ping -c 1 -q 127.0.0.1 > /dev/null
iptables -t raw -S; iptables -vS
iptables -t raw -nL OUTPUT
iptables -A OUTPUT -j NOTRACK; echo $?
