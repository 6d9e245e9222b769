# A mark of zero, and a mask of zero
ip rule add pref 10 fwmark 0 lookup 100
ip rule add pref 11 fwmark 0/0xff lookup 100
ip rule add pref 12 fwmark 0x0/0 lookup 100
ip rule add pref 13 fwmark 3/0 lookup 100
ip rule add pref 14 fwmark 3/1 lookup 100
ip rule add pref 15 fwmark 3/0xffffffff lookup 100
ip rule add pref 10 lookup 100
ip rule; ip -j rule
ip rule del fwmark 0 lookup 100; ip rule del fwmark 3/1 ; ip rule
ip rule list fwmark 0; echo -; ip rule list fwmark 3; echo -; ip rule list fwmark 0/0xff
