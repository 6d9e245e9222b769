sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route add 10.1.0.0/16; echo $?
ip route add 10.1.0.0/16 dev nosuch; echo $?
ip route add 10.1.0.0/16 via 10.99.0.1; echo $?
ip route add 10.1.0.0/16 via 10.0.0.2; ip route add 10.1.0.0/16 via 10.0.0.3; echo $?
ip route del 10.2.0.0/16; echo $?
ip route add 10.1.0.1/16 via 10.0.0.2; echo $?
ip route add 10.1.0.0/40 via 10.0.0.2; echo $?
ip route add 300.1.0.0/16 via 10.0.0.2; echo $?
ip route add 10.3.0.0/16 via nosuch; echo $?
ip route add table nosuch 10.3.0.0/16 via 10.0.0.2; echo $?
ip route show table 77; echo $?
ip route show table nosuch; echo $?
ip route bogus; echo $?
ip route get; echo $?
ip route get 10.99.0.1; echo $?
ip route add 10.4.0.0/16 via 10.0.0.1; echo $?
ip route add bogus 10.4.0.0/16 via 10.0.0.2; echo $?
ip link set v1 down; ip link set v0 down; ip route add 10.5.0.0/16 dev v0; echo $?
