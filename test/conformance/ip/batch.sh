sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
printf 'addr add 10.0.0.1/24 dev v0\nlink set v0 up\n# a comment\n\nroute add 10.1.0.0/16 via 10.0.0.2\nroute add 10.2.0.0/16 via 10.9.0.2\nroute add 10.3.0.0/16 via 10.0.0.2\n' > batch
ip link set v1 up; ip -batch batch; echo $?; ip route
ip -force -batch batch; echo $?; ip route; ip -b nosuch; echo $?
