iptables -t mangle -A OUTPUT -p icmp -m length --length 84 -j MARK --set-mark 5
iptables -t mangle -A OUTPUT -m mark --mark 5 -m length ! --length 100:
iptables -A OUTPUT -m mark --mark 0x4/0x4
iptables -A OUTPUT -m mark ! --mark 5
ping -c 1 -q 127.0.0.1 > /dev/null
ping -c 1 -q -s 100 127.0.0.1 > /dev/null
iptables -t mangle -vS OUTPUT; iptables -vS OUTPUT
