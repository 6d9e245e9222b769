ipset create a hash:ip initval 0x1234
ipset add a 1.2.3.4; echo $?
ipset add a 1.2.3.4; echo $?
ipset add a 1.2.3.4 -exist; echo $?
ipset add a 10.0.0.0/30; echo $?
ipset add a 1.1.1.1-1.1.1.3; echo $?
ipset add a 10.0.0.300; echo $?
ipset add a 1.1.1.1/0; echo $?
ipset add a 1.1.1.1,80; echo $?
ipset add nope 1.1.1.1; echo $?
ipset del a 9.9.9.9; echo $?
ipset del a 9.9.9.9 -!; echo $?
ipset del a 1.2.3.4; echo $?
ipset test a 1.1.1.1; echo $?
ipset test a 9.9.9.9; echo $?
ipset list a
ipset save a
