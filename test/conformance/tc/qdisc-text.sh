sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add v0 type veth peer name v1; tc qdisc show dev v0; ip link set v0 up; ip link set v1 up
tc qdisc; tc qdisc show dev v0; tc -s qdisc show dev v0
tc qdisc add dev v0 root handle 5: pfifo limit 7; tc qdisc show dev v0; ip link show v0 | grep -o 'qdisc [a-z]*'
tc qdisc replace dev v0 root handle 6: bfifo limit 3000; tc qdisc show dev v0; tc qdisc change dev v0 root bfifo limit 4k; tc qdisc show dev v0; tc qdisc del dev v0 root; tc qdisc show dev v0
for r in "1mbit burst 10k latency 50ms" "1500kbit burst 10000 limit 3000" "100kbps buffer 5k latency 1s" "8kbit burst 1540 limit 20k"; do tc qdisc replace dev v0 root handle 7: tbf rate $r; tc qdisc show dev v0; done; tc -s qdisc show dev v0; tc qdisc
tc qdisc add dev v0 clsact; tc qdisc show dev v0; tc qdisc del dev v0 clsact; tc qdisc add dev v0 ingress; tc qdisc show dev v0 ingress; tc qdisc show dev v0 root; tc filter show dev v0 ingress; tc class show dev v0
