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
$A timeout -s INT 0.5 ping 10.0.0.2 | sed -E 's/time=[0-9.]+ ms/time=T ms/; s/time [0-9]+ms/time T/; s/mdev = .*/mdev = T/'
