iptables -t mangle -A OUTPUT -j MARK --set-mark 0xff00
iptables -t mangle -A OUTPUT -j MARK --or-mark 0x1
iptables -t mangle -A OUTPUT -j MARK --and-mark 0xf0f
iptables -t mangle -A OUTPUT -m mark --mark 0xf01
iptables -t mangle -A OUTPUT -j MARK --set-xmark 0x3/0x1
iptables -t mangle -A OUTPUT -m mark --mark 0xf03
iptables -t mangle -A OUTPUT -j MARK --set-mark 0x2/0xff
iptables -t mangle -A OUTPUT -m mark --mark 0xf02
ping -c 1 -q 127.0.0.1 > /dev/null
iptables -t mangle -vS OUTPUT
