ipset create t hash:ip timeout 2 initval 5
ipset add t 1.1.1.1; ipset add t 2.2.2.2 timeout 100; ipset add t 3.3.3.3 timeout 0
sleep 3
ipset test t 1.1.1.1; echo $?
ipset list t | grep -v memory | sed "s/timeout 9./timeout 9x/"
ipset add t 3.3.3.3 timeout 50; echo $?
ipset add t 3.3.3.3 timeout 50 -exist; echo $?
ipset create u hash:ip
ipset add u 1.1.1.1 timeout 5; echo $?
ipset add u 1.1.1.1 comment x; echo $?
ipset add u 1.1.1.1 packets 5; echo $?
