ipset create np hash:net,port initval 7; ipset add np 10.0.0.0/8,tcp:80; ipset add np 11.0.0.0/8,udp:1-3
ipset create ipi hash:ip,port,ip initval 7; ipset add ipi 10.0.0.1,tcp:80,10.0.0.2; ipset add ipi 10.0.0.1,80; echo $?
ipset create ipn hash:ip,port,net initval 7; ipset add ipn 10.0.0.1,tcp:80,10.1.0.0/16
ipset test np 10.2.3.4,80; echo $?
ipset test np 10.2.3.4,81; echo $?
ipset test ipn 10.0.0.1,80,10.1.2.3; echo $?
ipset list
