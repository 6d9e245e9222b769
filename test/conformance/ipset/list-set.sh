ipset create a hash:ip; ipset create b hash:ip; ipset create c hash:ip
ipset create l list:set
ipset add l b; ipset add l a before b; ipset add l c after a
ipset add l nope; echo $?
ipset add l l; echo $?
ipset add l a; echo $?
ipset del l c before a; echo $?
ipset add l c before nope; echo $?
ipset test l a; echo $?
ipset list l
ipset destroy a; echo $?
ipset rename a d; echo $?
ipset add b 127.0.0.1
iptables -A OUTPUT -m set --match-set l dst
ping -c 1 -q 127.0.0.1 > /dev/null
iptables -vS OUTPUT
