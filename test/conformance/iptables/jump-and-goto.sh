iptables -N a
iptables -A INPUT -j a; echo $?
iptables -A INPUT -g a; echo $?
iptables -A INPUT -g nope; echo $?
iptables -A INPUT -g ACCEPT; echo $?
iptables -A INPUT -j nope; echo $?
iptables -A INPUT -j OUTPUT; echo $?
iptables -A INPUT -j ""; echo $?
iptables -S INPUT
iptables -nL INPUT
