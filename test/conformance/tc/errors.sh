sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
t() { tc "$@"; local s=$?; [ $s = 0 ] || echo "status $s"; }
t qdisc show dev nothere; t qdisc del dev v0 root; t qdisc add dev v0 root handle 5: pfifo; t qdisc add dev v0 root pfifo; t qdisc del dev v0 root handle 6:; t qdisc del dev v0 root
t qdisc add dev v0 root tbf rate 1mbit burst 10k; t qdisc add dev v0 root tbf burst 10k latency 5ms; t qdisc add dev v0 root tbf rate 5mbit latency 5ms
t qdisc add dev v0 clsact; t qdisc add dev v0 clsact; t qdisc del dev v0 ingress; t qdisc del dev v0 ingress; t qdisc add dev v0 root nothing
t qdisc foo; t qdisc add; t qdisc add dev v0; t qdisc add dev v0 root; t foo; t qdisc show foo; t qdisc add dev nothere root pfifo; t qdisc add dev v0 root pfifo limit x; t qdisc add dev v0 root pfifo foo
t qdisc add dev v0 root handle 99999: pfifo; t qdisc add dev v0 parent 7:1 pfifo; t qdisc del dev v0 parent 7:1; t qdisc add dev v0 root parent 1:1 pfifo; t -V
