sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null
ip link add br0 type bridge; ip link set br0 up
for n in 1 2; do
  ip netns add n$n
  ip link add p$n type veth peer name v netns n$n
  ip link set p$n master br0; ip link set p$n up
  ip -n n$n addr add 10.0.0.$n/24 dev v; ip -n n$n link set v up; ip -n n$n link set lo up
  ip netns exec n$n sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
ip netns exec n2 iptables -A INPUT -p icmp
ip netns exec n1 ping -qc 1 -W 1 -s 1400 10.0.0.2 | grep -o '[0-9] received'
# the frame does not leave by the port, and nobody is told
ip link set p2 mtu 1400
ip netns exec n1 ping -qc 1 -W 1 -s 1400 10.0.0.2 | grep -o '[0-9] received.*loss'
ip netns exec n1 ping -qc 1 -W 1 -s 1372 10.0.0.2 | grep -o '[0-9] received'
ip netns exec n1 ping -qc 1 -W 1 -s 1376 10.0.0.2 | grep -o '[0-9] received'
ip netns exec n1 ping -qc 1 -W 1 -s 1377 10.0.0.2 | grep -o '[0-9] received'
ip netns exec n2 iptables -nvxL INPUT | tail -1 | awk '{print $1, $2}'
ip link show br0 | grep -o 'mtu [0-9]*'; ip link show p1 | grep -o 'mtu [0-9]*'
ip link set p2 mtu 1450; ip link show br0 | grep -o 'mtu [0-9]*'
ip link set br0 mtu 1300; ip link set p2 mtu 1500; ip link show br0 | grep -o 'mtu [0-9]*'
