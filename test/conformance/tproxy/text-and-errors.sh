iptables -t mangle -A PREROUTING -p tcp -j TPROXY --on-port 80; iptables -t mangle -A PREROUTING -p udp -j TPROXY --on-port 80 --on-ip 127.0.0.1 --tproxy-mark 0x5/0xf; iptables -t mangle -S
iptables -t mangle -A PREROUTING -j TPROXY --on-port 80; echo $?; iptables -t mangle -A PREROUTING -p tcp -j TPROXY; echo $?; iptables -t mangle -A INPUT -p tcp -j TPROXY --on-port 80; echo $?; iptables -A INPUT -p tcp -j TPROXY --on-port 80; echo $?
iptables -t mangle -A PREROUTING -p icmp -j TPROXY --on-port 80; echo $?; iptables -t mangle -A PREROUTING -p tcp -j TPROXY --on-port 70000; echo $?; iptables -t mangle -nvL PREROUTING
iptables -t mangle -A OUTPUT -m socket; echo $?; iptables -t mangle -A PREROUTING -m socket --restore-skmark; iptables -t mangle -S PREROUTING | tail -1
