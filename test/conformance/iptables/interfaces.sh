iptables -A FORWARD -i eth0 -o eth+ -j ACCEPT
iptables -A FORWARD ! -i lo ! -o veth+ -j ACCEPT
iptables -A FORWARD -i + -j ACCEPT
iptables -A INPUT -o lo -j ACCEPT; echo $?
iptables -A OUTPUT -i lo -j ACCEPT; echo $?
iptables -A INPUT -i aaaaaaaaaaaaaaaa -j ACCEPT; echo $?
iptables -S FORWARD
iptables -vnL FORWARD
