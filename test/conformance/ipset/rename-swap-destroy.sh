ipset create a hash:ip initval 1; ipset create b hash:ip initval 2; ipset create n hash:net initval 3
ipset add a 1.1.1.1; ipset add b 2.2.2.2
ipset swap a b; echo $?
ipset swap a n; echo $?
ipset swap a nope; echo $?
ipset swap nope a; echo $?
ipset save
ipset rename n m; echo $?
ipset rename a b; echo $?
ipset rename nope x; echo $?
iptables -A INPUT -m set --match-set a src
ipset destroy a; echo $?
ipset rename a x; echo $?
ipset destroy; echo $?
ipset flush a; iptables -F
ipset destroy a; echo $?
ipset destroy nope; echo $?
ipset list -n
ipset destroy; ipset list; echo $?
