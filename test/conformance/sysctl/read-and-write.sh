sysctl net.ipv4.ip_forward; sysctl -n net.ipv4.ip_forward; sysctl -w net.ipv4.ip_forward=1; sysctl net/ipv4/ip_forward
sysctl -q -w net.ipv4.ip_forward=0; cat /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv4/ip_forward; sysctl -n net.ipv4.ip_forward
sysctl net.ipv4.conf.lo.rp_filter net.ipv4.conf.all.forwarding; sysctl net.ipv4.ip_forward=0; sysctl -e net.nosuch.key; echo $?
sysctl -N net.ipv4.ip_forward; sysctl -b net.ipv4.ip_forward; echo
