iptables -N b; iptables -N a; iptables -N C; echo $?
iptables -N a; echo $?
iptables -N INPUT; echo $?
iptables -N ACCEPT; echo $?
iptables -N -- -x; echo $?
iptables -N "x y"; echo $?
iptables -N aaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo $?
iptables -N aaaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo $?
iptables -A INPUT -j a
iptables -A a -g b
iptables -X a; echo $?
iptables -F a; iptables -X b; echo $?
iptables -X INPUT; echo $?
iptables -X nope; echo $?
iptables -S
iptables -L -n
