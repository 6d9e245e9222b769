iptables -A INPUT -j DNAT --to-destination 1.1.1.1; echo $?
iptables -A INPUT -j TRACE; echo $?
iptables -A INPUT -j TTL --ttl-set 1; echo $?
iptables -A INPUT -p tcp -j TPROXY --on-port 1; echo $?
iptables -t mangle -A INPUT -p tcp -j TPROXY --on-port 1; echo $?
iptables -t mangle -A PREROUTING -j TPROXY --on-port 1; echo $?
iptables -t mangle -N x; iptables -t mangle -A x -p tcp -j TPROXY --on-port 1 --tproxy-mark 1/1; echo $?
iptables -t mangle -A INPUT -j x; echo $?
iptables -t mangle -A PREROUTING -j x; echo $?
iptables -t mangle -A OUTPUT -j x; echo $?
iptables -t mangle -S
