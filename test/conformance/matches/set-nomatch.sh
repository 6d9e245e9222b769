ipset create nets hash:net
ipset add nets 127.0.0.0/8
ipset add nets 127.0.1.0/24 nomatch
iptables -A OUTPUT -m set --match-set nets dst
iptables -A OUTPUT -m set ! --match-set nets dst
iptables -A OUTPUT -m set --match-set nets dst --return-nomatch
ping -c 1 -q 127.0.0.1 > /dev/null
ping -c 1 -q 127.0.1.1 > /dev/null
iptables -vS OUTPUT
iptables -A OUTPUT -m set --match-set nope src; echo $?
iptables -A OUTPUT -m set --match-set nets; echo $?
iptables -A OUTPUT -m set --match-set nets up; echo $?
iptables -A OUTPUT -m set; echo $?
ipset destroy nets; echo $?
iptables -F; ipset destroy nets; echo $?
