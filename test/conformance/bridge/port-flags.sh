# What a port's flags do to its packets
ip link add br0 type bridge; ip link set br0 up
for i in 1 2 3; do ip netns add n$i; ip link add p$i type veth peer name e netns n$i
ip link set p$i master br0 up; ip -n n$i addr add 10.0.0.$i/24 dev e; ip -n n$i link set e up
ip netns exec n$i sysctl -qw net.ipv6.conf.all.disable_ipv6=1; done
t() { ip netns exec n$1 ping -c1 -W1 10.0.0.$2 >/dev/null; echo $1 to $2: $?; }
sleep 1
t 1 2
bridge link set dev p1 isolated on; bridge link set dev p2 isolated on
t 1 2; t 1 3
bridge link set dev p1 isolated off; t 1 2
bridge link set dev p1 state 0; t 1 2
bridge link | sed 's/^[0-9]*: p\([123]\)@[a-z0-9]*:/N: p\1@X:/; s/,M-DOWN//' | sort
bridge link set dev p1 state 3; t 1 2
bridge link set dev p3 bcast_flood off; ip -n n1 neigh flush all; t 1 3; t 1 2
bridge link set dev p3 bcast_flood on; ip -n n1 neigh flush all; t 1 3
bridge link set dev p3 learning off; bridge fdb show dynamic | wc -l; ip link set p3 down; ip link set p3 up; sleep 1; t 1 3
bridge fdb show dev p3 | grep -vc 'perm'
bridge link set dev p3 flood off; t 1 3
