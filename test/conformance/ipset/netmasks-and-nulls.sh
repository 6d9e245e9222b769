c() { echo "> $*"; ipset "$@" || echo "status $?"; }
c create t hash:ip netmask 24 initval 1; c add t 10.0.0.0/22; c add t 10.0.1.7; c test t 10.0.2.99; c del t 10.0.0.0/23; ipset save t | sort; c x
c create t bitmap:ip range 10.0.0.0/16 netmask 24; c add t 10.0.0.0/22; c save t; c x
c create t hash:ip,port initval 1; c add t 0.0.0.0,80; c test t 0.0.0.0,80; c del t 0.0.0.0,80; c x
c create a hash:ip initval 1 bitmask 255.255.255.0; c add a 1.2.3.4; c test a 1.2.3.9; c save a; c create b hash:ip,port initval 1 bitmask 255.0.255.0; c add b 1.2.3.4,80; c test b 1.9.3.9,80; c save b
c create d hash:ip,port initval 1 netmask 24; c save d; c create x hash:ip bitmask 0.0.0.0; c create x hash:ip netmask 24 bitmask 255.255.255.0; c create x hash:net bitmask 255.0.0.0; c create x hash:ip bitmask; c x
c create k hash:ip initval 1 counters timeout 50; c add k 1.1.1.1 packets 5 bytes 6 timeout 40; c -exist add k 1.1.1.1; ipset list k | tail -1 | sed "s,timeout [0-9]*,timeout T,"; c -exist add k 1.1.1.1 packets 9; ipset list k | tail -1 | sed "s,timeout [0-9]*,timeout T,"
