sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
ip link
ip -br link
ip -o link show v0
ip -d link show v1
ip link show up
ip link show type veth
