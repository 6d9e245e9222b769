iptables -t mangle -A OUTPUT -p icmp -j CONNMARK --restore-mark
iptables -t mangle -A OUTPUT -p icmp -m mark --mark 0x25
iptables -t mangle -A OUTPUT -p icmp -m mark --mark 0 -j MARK --set-mark 0x25
iptables -t mangle -A OUTPUT -p icmp -j CONNMARK --save-mark
iptables -t mangle -A INPUT -p icmp -m connmark --mark 0x25
ping -c 3 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -t mangle -vS OUTPUT; iptables -t mangle -vS INPUT
