ipset create a hash:ip initval 1; echo $?
ipset create a hash:ip; echo $?
ipset create a hash:ip initval 1 -exist; echo $?
ipset create a hash:net -exist; echo $?
ipset create b hash:foo; echo $?
ipset create b; echo $?
ipset create b hash:ip foo; echo $?
ipset create b hash:ip timeout; echo $?
ipset create b hash:ip timeout -1; echo $?
ipset create b bitmap:ip; echo $?
ipset create b bitmap:ip range 10.0.0.0/8; echo $?
ipset create aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa hash:ip; echo $?
ipset create t hash:net initval 2 timeout 300 counters comment hashsize 100 maxelem 9
ipset create p bitmap:port range 80-90
ipset create l list:set
ipset list
