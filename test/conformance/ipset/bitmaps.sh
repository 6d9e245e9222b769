ipset create h bitmap:ip range 10.0.0.0/24
ipset add h 10.0.0.5; ipset add h 10.0.1.5; echo $?
ipset del h 10.0.0.6; echo $?
ipset create i bitmap:port range 80-90 comment
ipset add i 85-87 comment three; ipset add i 99; echo $?
ipset test i 86; echo $?
ipset create m bitmap:ip range 10.0.0.0/16 netmask 24
ipset add m 10.0.7.7
ipset list
