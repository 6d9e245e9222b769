iptables -A INPUT -s 10.0.0.1 -j ACCEPT
iptables -A INPUT -s 10.0.0.3 -j ACCEPT
iptables -I INPUT 2 -s 10.0.0.2 -j ACCEPT
iptables -I INPUT -s 10.0.0.0 -j ACCEPT
iptables -S INPUT
