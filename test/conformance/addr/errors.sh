sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
ip addr add 10.0.0.1/24 dev nosuch; echo $?
ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.0.1/24 dev v0; echo $?
ip addr add 10.0.0.300/24 dev v0; echo $?
ip addr add 10.0.0.1/33 dev v0; echo $?
ip addr add 10.0.0.1/24; echo $?
ip addr del 10.0.0.9/24 dev v0; echo $?
ip addr del 10.0.0.1 dev v0; echo $?
ip addr add; echo $?
ip addr show nosuch; echo $?
ip addr bogus; echo $?
ip addr add 10.0.0.1/24 dev v0 bogus; echo $?
ip addr flush; echo $?
ip addr flush dev v0; ip -br addr show v0
