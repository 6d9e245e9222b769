# A rule that says nothing of addresses and TOS is the same as one that does, when it comes later
ip rule add pref 10 from 10.0.0.0/8 lookup 100; ip rule add pref 10 lookup 100
ip rule add pref 11 lookup 100; ip rule add pref 11 from 10.0.0.0/8 lookup 100
ip rule add pref 12 from 10.0.0.0/8 to 10.1.0.0/16 lookup 100; ip rule add pref 12 to 10.1.0.0/16 lookup 100; ip rule add pref 12 to 10.2.0.0/16 lookup 100
ip rule add pref 13 tos 4 lookup 100; ip rule add pref 13 from 10.0.0.0/8 lookup 100; ip rule add pref 13 lookup 100
ip rule add pref 14 fwmark 1 lookup 100; ip rule add pref 14 lookup 100
ip rule add pref 15 ipproto tcp lookup 100; ip rule add pref 15 lookup 100
ip rule add pref 16 iif lo lookup 100; ip rule add pref 16 lookup 100
ip rule
