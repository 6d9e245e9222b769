iptables -A INPUT -c 99999 100000 -j ACCEPT
iptables -A INPUT -c 9999499 9999500 -j ACCEPT
iptables -A INPUT -c 12345678901 1234567890123 -j ACCEPT
iptables -vnL INPUT
iptables -vnxL INPUT
iptables -P INPUT ACCEPT -c 123456 1234567890
iptables -vnL INPUT | head -1
