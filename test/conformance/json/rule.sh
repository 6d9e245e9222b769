ip rule add not from 10.0.0.0/8 to 10.2.0.0/16 tos 0x10 iif lo oif nothere lookup 100 prio 10
ip rule add fwmark 5/7 ipproto tcp sport 5 dport 6-7 uidrange 1-2 goto 32766 prio 11
ip rule add blackhole prio 12; ip rule add suppress_prefixlength 0 table main prio 13; ip rule add goto 9999 prio 14; ip rule add nop prio 15; ip rule add unreachable from 1.2.3.4 prio 16
ip -j rule; ip -j -p rule show prio 11; ip -j rule show table 100
