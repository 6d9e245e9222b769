iptables -t mangle -A OUTPUT -p icmp -j TTL --ttl-set 7
iptables -t mangle -A OUTPUT -p icmp -j DSCP --set-dscp-class EF
iptables -A INPUT -p icmp -m ttl --ttl-eq 7
iptables -A INPUT -p icmp -m ttl --ttl-lt 7
iptables -A INPUT -p icmp -m dscp --dscp 46
iptables -A INPUT -p icmp -m tos --tos 0xb8/0xff
ping -c 1 -q 127.0.0.1 > /dev/null
iptables -vS INPUT
ping -c 1 127.0.0.1 | grep -o ttl=.
