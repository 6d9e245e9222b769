iptables -v -A INPUT -p tcp -s 1.2.3.0/24 -i lo --dport 80 -j ACCEPT
iptables -v -A FORWARD ! -d 1.2.3.4 -o eth+ -j DROP
iptables -v -N x
iptables -v -A INPUT -g x
iptables -v -D INPUT -g x
iptables -v -F
iptables -v -X
iptables -v -Z INPUT
