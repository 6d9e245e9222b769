sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
ip link set v0 address 02:00:00:00:00:0a mtu 1400 txqueuelen 7
ip link show v0
ip link set v0 name w0; ip link show w0
ip link set w0 arp off multicast off; ip link show w0
ip link set w0 promisc on; ip -d link show w0 | head -2
ip link set w0 up; ip link set w0 name z0; echo $?; ip -br link
ip link set w0 alias "to the other"; ip link show w0
