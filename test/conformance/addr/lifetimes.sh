sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up
ip addr add 10.8.0.1/24 dev v0 valid_lft 3 preferred_lft 1; ip -4 addr show dev v0; sleep 1.7; ip -4 addr show dev v0 | grep 10.8; sleep 3; ip -o -4 addr show dev v0; ip route
ip addr change 10.0.0.1/24 dev v0 valid_lft 20 preferred_lft 30; echo $?; ip addr change 10.0.0.1/24 dev v0 valid_lft 20 preferred_lft 10; ip -o addr show dev v0; ip addr change 10.0.0.1/24 dev v0 valid_lft forever; ip -o addr show dev v0
ip addr add 1.1.1.1/32 dev v0 valid_lft 0; echo $?; ip addr add 1.1.1.1/32 dev v0 valid_lft x; echo $?
