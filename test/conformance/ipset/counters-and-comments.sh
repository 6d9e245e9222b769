ipset create t hash:ip counters comment initval 5
ipset add t 127.0.0.1 comment "the loop" packets 1 bytes 2
ipset add t 127.0.0.2
iptables -A OUTPUT -m set --match-set t dst --packets-gt 2
iptables -A OUTPUT -m set --match-set t dst ! --update-counters
ping -c 2 -i 0.2 -q 127.0.0.1 > /dev/null
iptables -vS OUTPUT
ipset list t
ipset save t
ipset add t 1.1.1.1 comment 'a "b"'; echo $?
