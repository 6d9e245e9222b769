sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
ip link set v0 up; ip -br link show v0
ip link set v1 up; ip -br link show v0; ip -br link show v1
ip link set v1 down; ip link show v0
ip link set v0 down; ip link show v0
