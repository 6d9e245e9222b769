sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add br0 type bridge; ip link add v0 type veth peer name v1; ip link add w0 type veth peer name w1
ip link set v0 master br0; ip link set w0 master br0; ip link set br0 up; ip link set v0 up; ip link set v1 up; sleep 0.2
bridge -j link; bridge -j -p -d link show dev v0
ip link add x type vxlan id 5 remote 10.0.0.1 dstport 4789 dev v1
bridge fdb append 00:00:00:00:00:00 dev x dst 10.0.0.3 port 5 vni 9 via v1; bridge -j fdb show dev x; bridge -j -p fdb show dev x
bridge fdb add 02:00:00:00:00:77 dev v0 master static; bridge -j fdb get 02:00:00:00:00:77 br br0
