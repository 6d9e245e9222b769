sysctl net.ipv4.nosuch; echo $?
sysctl -w net.ipv4.nosuch=1; echo $?
sysctl -w net.ipv4.ip_forward=abc; echo $?
sysctl -w net.ipv4.ip_forward; echo $?
sysctl -w net.ipv4.conf.nosuch.rp_filter=1; echo $?
sysctl -w net.ipv4.ip_default_ttl=300; echo $?; sysctl net.ipv4.ip_default_ttl
sysctl -w net.ipv4.ip_local_port_range="5 4"; echo $?
echo abc > /proc/sys/net/ipv4/ip_forward; echo $?
cat /proc/sys/net/ipv4/conf/nosuch/rp_filter; echo $?
