iptables -A INPUT -p icmp --icmp-type 8 -m recent --name seen --rcheck --seconds 60 --hitcount 2
iptables -A INPUT -p icmp --icmp-type 8 -m recent --name seen --set
ping -c 4 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vS INPUT
iptables -A INPUT -m recent --set --rttl; echo $?
iptables -A INPUT -m recent --reap --rcheck; echo $?
iptables -A INPUT -m recent; echo $?
