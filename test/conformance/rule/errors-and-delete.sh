ip rule add; echo $?
ip rule add fwmark zz lookup 1; echo $?
ip rule add lookup nosuch; echo $?
ip rule add from 10.0.0.0/40 lookup 5; echo $?
ip rule add from 10.0.0.0/8 lookup 5 pref 10; ip rule add from 10.0.0.0/8 lookup 5 pref 10; echo $?
ip rule del pref 999; echo $?
ip rule del from 10.9.0.0/16; echo $?
ip rule del from 10.0.0.0/8 lookup 5; echo $?; ip rule
ip rule bogus; echo $?
ip rule add goto 10 pref 20; echo $?
ip rule add goto 30 pref 20; ip rule; ip rule add pref 30 lookup 7; ip rule; ip rule del pref 30; ip rule
ip rule del pref 32767; ip rule del pref 32766; ip rule
ip rule flush; ip rule; ip rule add lookup main; ip rule
