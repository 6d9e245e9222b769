iptables -A INPUT -p tcp -m multiport --dports 80,443,8000:8080 -j ACCEPT
iptables -A INPUT -p udp -m multiport ! --ports domain,ntp
iptables -A INPUT -m multiport --dports 80; echo $?
iptables -A INPUT -m multiport --dports 80 -p tcp; echo $?
iptables -A INPUT -p icmp -m multiport --dports 80; echo $?
iptables -A INPUT ! -p tcp -m multiport --dports 80; echo $?
iptables -A INPUT -p tcp -m multiport --dports 80:70; echo $?
iptables -A INPUT -p tcp -m multiport --dports 1 --sports 2; echo $?
iptables -A INPUT -p tcp -m multiport; echo $?
iptables -S INPUT; iptables -L INPUT
