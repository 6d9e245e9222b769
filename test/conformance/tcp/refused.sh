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
# tcpdump on the client's side
$A tcpdump -U -nni v0 -w dump tcp 2>/dev/null &
dump=$!
sleep 1.5
$A nc 10.0.0.2 81
sleep 1.5
kill $dump
wait $dump 2>/dev/null
tcpdump -nn -t -r dump 2>/dev/null | sed -E 's/seq [0-9]{5,}/seq N/; s/ack [0-9]{5,}/ack N/; s/val [0-9]+/val N/; s/ecr [1-9][0-9]*/ecr N/; s/10.0.0.1.[0-9]+/client/; s/wscale [0-9]+/wscale W/; s/win [0-9]+, options .nop/win W, options [nop/; s/: HTTP$//; s/seq 0, ack [0-9N]+, win 0/seq 0, ack N, win 0/'
