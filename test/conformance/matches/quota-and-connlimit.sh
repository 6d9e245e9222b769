iptables -A OUTPUT -p icmp -m quota --quota 200
iptables -A OUTPUT -p icmp -m connlimit --connlimit-upto 1
iptables -A OUTPUT -p icmp -m connlimit --connlimit-above 1
ping -c 4 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vS OUTPUT
