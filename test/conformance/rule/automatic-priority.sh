ip rule add lookup 1; ip rule add lookup 2; ip rule
ip rule del pref 32766; ip rule add lookup 3; ip rule
ip rule add lookup 4 pref 0; ip rule
