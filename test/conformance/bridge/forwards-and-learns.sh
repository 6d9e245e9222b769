sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
for n in a b c; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null; done
ip link add br0 type bridge; ip link set br0 address 02:00:00:00:00:ff up
i=1; for n in a b c; do
  ip link add p$n type veth peer name eth0 netns $n; ip link set p$n address 02:00:00:00:01:0$i master br0 up
  ip -n $n link set eth0 address 02:00:00:00:00:0$i up; ip -n $n addr add 10.0.0.$i/24 dev eth0; i=$((i+1)); done
ip netns exec a ping -c 1 -W 1 -q 10.0.0.2 | grep received
bridge fdb show br br0 | grep -v '33:33\|01:00:5e\|vlan' | sort
ip link show master br0; ip -br link show type bridge; bridge link | sort
ip addr add 10.0.0.9/24 dev br0; ip netns exec c ping -c 1 -W 1 -q 10.0.0.9 | grep received
ip link set pb nomaster; ip netns exec a ping -c 1 -W 1 -q 10.0.0.2 | grep received
