for p in tcp UDP 6 47 gre all 0 256 icmp nonsense 99; do iptables -A INPUT -p $p; echo "$p $?"; done
iptables -A INPUT ! -p all; echo $?
iptables -S INPUT
iptables -L INPUT
iptables -nL INPUT
