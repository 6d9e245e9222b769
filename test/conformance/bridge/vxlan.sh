ip netns add a; ip netns add b; ip netns add c
ip link add br0 type bridge; ip link set br0 up
n=0
for i in a b c; do n=$((n+1))
ip link add p$i type veth peer name eth netns $i
ip link set p$i master br0 up
ip -n $i link set eth up; ip -n $i addr add 192.0.2.$n/24 dev eth
ip -n $i link add vx0 address 02:00:00:00:00:0$n type vxlan id 42 dstport 4789 local 192.0.2.$n
ip netns exec $i sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip -n $i addr add 10.0.0.$n/24 dev vx0; ip -n $i link set vx0 up
done
br() { bridge -n "$@"; }
br a fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.2; echo $?
br a fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.3; echo $?
br a fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.3; echo $?
br b fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.1
br c fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.1
br a fdb show dev vx0
ip netns exec a ping -c1 -W1 10.0.0.3 >/dev/null; echo ping $?
ip netns exec a ping -c1 -W1 10.0.0.2 >/dev/null; echo ping $?
br a fdb show dev vx0 | sort
br b fdb show | grep -v '33:33\|01:00:5e' | sort
br a fdb add 02:00:00:00:00:33 dev vx0 dst 192.0.2.3 port 9999 vni 7 via eth; echo $?
br a fdb add 02:00:00:00:00:33 dev vx0 dst 192.0.2.3; echo $?
br a fdb replace 02:00:00:00:00:33 dev vx0 dst 192.0.2.2; echo $?
br a fdb add 02:00:00:00:00:34 dev vx0 dst 192.0.2.2 self permanent; echo $?
br a fdb add 02:00:00:00:00:35 dev vx0 dst 192.0.2.2 dynamic; echo $?
br a fdb add 02:00:00:00:00:36 dev vx0 dst 192.0.2.2 static; echo $?
br a fdb add 02:00:00:00:00:37 dev vx0; echo $?
br a fdb append 02:00:00:00:00:34 dev vx0 dst 192.0.2.3; echo $?
br a fdb add 02:00:00:00:00:38 dev vx0 dst frob; echo $?
br a fdb add 01:00:5e:00:00:05 dev vx0 dst 192.0.2.3; echo $?
br a fdb show dev vx0 | sort
br a fdb del 02:00:00:00:00:36 dev vx0; echo $?
br a fdb del 02:00:00:00:00:39 dev vx0; echo $?
br a fdb del 00:00:00:00:00:00 dev vx0 dst 192.0.2.3; echo $?
br a fdb del 00:00:00:00:00:00 dev vx0 dst 192.0.2.9; echo $?
br a fdb get 02:00:00:00:00:34 dev vx0; echo $?
br a fdb show dev vx0 | sort
ip -n a neigh flush all
ip netns exec a ping -c1 -W1 10.0.0.3 >/dev/null; echo ping $?
ip -n a -d link show vx0 | tail -1
ip -n a link add vx1 type vxlan id 43 dstport 4789 remote 192.0.2.2 dev eth nolearning
br a fdb show dev vx1
ip -n a -d link show vx1 | tail -1
