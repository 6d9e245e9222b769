sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
ip addr add 10.0.0.1/24 dev v0
ping -c 1 -W 1 -q 10.0.0.1 | grep received
ip link set v0 up; ip link set v1 up; ip link set v0 down; sleep 0.2
ping -c 1 -W 1 -q 10.0.0.1 | grep received
ip route get 10.0.0.1
ip addr del 10.0.0.1/24 dev v0; ping -c 1 -W 1 -q 10.0.0.1; echo $?
