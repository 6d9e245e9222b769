# What tells two rules of one preference apart
r() { echo "$*"; ip rule add "$@"; }
r pref 12 from all goto 112
r pref 12 from all goto 32766
r pref 13 from 10.0.0.0/8 lookup 100
r pref 13 not from 10.0.0.0/8 lookup 100
r pref 13 from 10.0.0.0/8 lookup 101
r pref 13 from 10.0.0.0/8 lookup 100 suppress_prefixlength 3
r pref 13 from 10.0.0.0/8 lookup 100 suppress_ifgroup 3
r pref 13 from 10.0.0.0/8 lookup 100 protocol 7
r pref 13 from 10.0.0.0/8 lookup 100 tos 4
r pref 13 from 10.0.0.0/8 lookup 100 fwmark 1
r pref 13 from 10.0.0.0/8 lookup 100 fwmark 1/1
r pref 13 from 10.0.0.0/8 lookup 100 uidrange 1-2
r pref 13 from 10.0.0.0/8 lookup 100 ipproto tcp sport 5
r pref 13 from 10.0.0.0/8 lookup 100 ipproto tcp sport 5-6
r pref 13 from 10.0.0.0/8 lookup 100 iif lo
r pref 13 from 10.0.0.0/8 lookup 100 oif lo
r pref 13 from 10.0.0.0/8 nop
r pref 13 from 10.0.0.0/8 blackhole
r pref 13 from 10.0.0.0/8 nop
ip rule
ip rule del pref 12 goto 32766
ip rule del pref 13 not from 10.0.0.0/8 lookup 100
ip rule del pref 13 from 10.0.0.0/8 lookup 100 protocol 9
ip rule
ip -j rule list pref 13 tos 4
