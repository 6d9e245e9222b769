sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip bogus; echo $?
ip -bogus; echo $?
ip -V | cut -d, -f1
ip l show lo; ip a show lo; ip r; ip ru; ip n; ip -4 a; ip -c=never -br a
