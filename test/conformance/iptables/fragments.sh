iptables -A INPUT -f -j DROP
iptables -A INPUT ! -f -p tcp -j ACCEPT
iptables -S INPUT
iptables -vnL INPUT
