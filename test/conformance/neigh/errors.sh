sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip neigh add 10.0.0.2; echo $?
ip neigh add 10.0.0.2 lladdr zz dev v0; echo $?
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev nosuch; echo $?
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0; echo $?
ip neigh del 10.0.0.7 dev v0; echo $?
ip neigh get 10.0.0.7 dev v0; echo $?
ip neigh flush; echo $?
ip neigh bogus; echo $?
