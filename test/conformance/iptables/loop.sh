iptables -N a; iptables -N b
iptables -A a -j b; echo $?
iptables -A b -j a; echo $?
iptables -A INPUT -j a; echo $?
iptables -S
