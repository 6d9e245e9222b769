ipset create n hash:net initval 0x1234
ipset add n 10.0.0.0/8
ipset add n 10.1.0.0/16 nomatch
ipset add n 192.168.0.1-192.168.0.9
ipset add n 0.0.0.0/0; echo $?
ipset add n 1.2.3.4/33; echo $?
for e in 10.2.3.4 10.1.3.4 10.1.0.0/16 10.0.0.0/8 10.0.0.0/9 192.168.0.9 192.168.0.10; do ipset test n $e; echo $?; done
ipset test n 10.1.0.0/16 nomatch; echo $?
ipset list n
