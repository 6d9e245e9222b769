sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add br0 type bridge; ip link add v0 type veth peer name v1
ip link set v0 master nosuch; echo $?; ip link set v0 master v1; echo $?; ip link set br0 master br0; echo $?
ip link set v0 master br0; ip link show v0; ip link show br0; ip link set br0 up; ip link show br0; ip link set v0 up; ip link set v1 up; sleep 0.1; ip link show br0
ip link del br0; ip link show v0
