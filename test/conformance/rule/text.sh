ip rule add fwmark 1 lookup 10
ip rule add fwmark 0x100/0xff00 lookup 11 pref 50
ip rule add from 10.0.0.0/8 lookup 12 pref 51
ip rule add to 10.1.0.1 lookup 13 pref 52
ip rule add iif lo lookup 14 pref 53
ip rule add oif eth9 lookup 15 pref 54
ip rule add iif eth9 lookup 15 pref 54
ip rule add from 10.0.0.0/8 to 10.1.0.0/16 iif lo fwmark 7 tos 0x10 lookup 16 pref 55
ip rule add not from 10.2.0.0/16 lookup 17 pref 56
ip rule add from 10.3.0.0/16 blackhole pref 57
ip rule add from 10.3.0.0/16 unreachable pref 58
ip rule add from 10.3.0.0/16 prohibit pref 59
ip rule add goto 32766 fwmark 3 pref 60
ip rule add goto 999 pref 61
ip rule add nop pref 62
ip rule add ipproto tcp sport 80 dport 1000-2000 lookup 18 pref 63
ip rule add uidrange 0-99 lookup 19 pref 64
ip rule add lookup main suppress_prefixlength 0 pref 65
ip rule; ip rule show pref 55; ip rule list lookup 12; ip rule show table 13
