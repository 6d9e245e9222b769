ip link add br0 type bridge
ip netns add a; ip netns add b
ip link add p1 type veth peer name e netns a
ip link add p2 type veth peer name e netns b
ip link set br0 address 02:00:00:00:00:b0
ip link set p1 address 02:00:00:00:00:11; ip link set p2 address 02:00:00:00:00:12
ip -n a link set e address 02:00:00:00:00:01; ip -n b link set e address 02:00:00:00:00:02
ip link set p1 master br0; ip link set p2 master br0
# IPv6 and VLANs have entries of their own, and the peer's index there may be anybody's here
look() { bridge "$@" 2>&1 | grep -v '33:33\|01:00:5e\|vlan 1' | sed 's/^[0-9]*: p\([12]\)@[a-z0-9]*:/N: p\1@X:/; s/,M-DOWN//' | sort; }
look link
ip link set br0 up; ip link set p1 up; ip link set p2 up
ip -n a addr add 10.0.0.1/24 dev e; ip -n b addr add 10.0.0.2/24 dev e
ip -n a link set e up; ip -n b link set e up
for i in br0 p1 p2; do sysctl -qw net.ipv6.conf.$i.disable_ipv6=1; done
sleep 1
ip netns exec a ping -c1 -W1 10.0.0.2 >/dev/null; echo $?
echo - link
look link
look link show dev p1
bridge -d link show dev p1| sed 's/^[0-9]*: p\([12]\)@[a-z0-9]*:/N: p\1@X:/; s/,M-DOWN//'
echo - fdb
look fdb show br br0
look fdb show br br0 dynamic
look fdb show dev p2
look fdb show brport p2
echo - fdb add
bridge fdb add 02:00:00:00:00:99 dev p1 master; echo $?
bridge fdb add 02:00:00:00:00:99 dev p1 master; echo $?
bridge fdb add 02:00:00:00:00:98 dev p1 master static; echo $?
bridge fdb replace 02:00:00:00:00:97 dev p2 master dynamic; echo $?
bridge fdb add 02:00:00:00:00:96 dev p2; echo $?
bridge fdb append 02:00:00:00:00:95 dev p2 master; echo $?
look fdb show br br0
bridge fdb get 02:00:00:00:00:99 br br0; echo $?
bridge fdb get 02:00:00:00:00:77 br br0; echo $?
bridge fdb del 02:00:00:00:00:99 dev p1 master; echo $?
bridge fdb del 02:00:00:00:00:99 dev p1 master; echo $?
look fdb show dynamic
echo - errors
bridge fdb add 02:00:00:00:00:99 dev nope; echo $?
bridge fdb add xx dev p1; echo $?
bridge fdb add; echo $?
bridge fdb add dev p1; echo $?
bridge fdb show dev nope; echo $?
bridge fdb show br nope; echo $?
bridge fdb frob; echo $?
bridge frob; echo $?
bridge link frob; echo $?
bridge link show dev nope; echo $?
bridge fdb add 02:00:00:00:00:99 dev p1 master frob; echo $?
bridge -V
echo - link set
bridge link set dev p1 learning off; echo $?
bridge link set dev p1 cost 7 priority 9; echo $?
bridge link set dev p1 hairpin on; echo $?
bridge link set dev p1 flood off; echo $?
bridge link set dev p1 isolated on; echo $?
bridge -d link show dev p1| sed 's/^[0-9]*: p\([12]\)@[a-z0-9]*:/N: p\1@X:/; s/,M-DOWN//'
bridge link set dev br0 learning off; echo $?
bridge link set dev nope learning off; echo $?
bridge link set dev p1 learning maybe; echo $?
bridge link set learning on; echo $?
echo - statistics
look -s fdb show br br0 | sed 's/used [0-9]*\/[0-9]*/used N\/N/'
ip link set p1 nomaster
look link
look fdb
bridge
