ip netns add a
ip netns add b
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0
ip -n b addr add 10.0.0.2/24 dev v1
ip -n a link set v0 up
ip -n b link set v1 up
ip -n a link set lo up
ip -n b link set lo up
A="ip netns exec a"
B="ip netns exec b"
ip netns add c
ip link add w0 netns b type veth peer name w1 netns c
ip -n b addr add 10.0.1.1/24 dev w0
ip -n c addr add 10.0.1.2/24 dev w1
ip -n b link set w0 up
ip -n c link set w1 up
ip -n a route add default via 10.0.0.2
ip -n c route add default via 10.0.1.1
$B sysctl -qw net.ipv4.ip_forward=1
$A ping -c 1 -t 1 10.0.1.2 | sed "s/time [0-9]*ms/time T/"
$A ping -c 1 10.0.1.2 | sed -E 's/time=[0-9.]+ ms/time=T ms/; s/time [0-9]+ms/time T/; s/mdev = .*/mdev = T/'
