iptables -N a; iptables -N b
iptables -A a -g b
iptables -A a -p icmp
iptables -A b -p icmp
iptables -A OUTPUT -j a
iptables -A OUTPUT -p icmp
ping -c 1 -q 127.0.0.1 > /dev/null; echo $?
iptables -vS
