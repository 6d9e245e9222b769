iptables -A OUTPUT -p icmp -m limit --limit 1/min --limit-burst 2
ping -c 4 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vS OUTPUT
iptables -A OUTPUT -s 1.1.1.1
ping -c 4 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vS OUTPUT 1
for r in 5 5/s 5/sec 1/m 10/hour 2/day 0/s 1/fortnight 20000/s; do iptables -A INPUT -m limit --limit $r; echo "$r $?"; done
iptables -S INPUT; iptables -nL INPUT
