sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; sleep 0.5
# each who comes and goes is told of, and what is set by hand once
ip monitor link > seen & m=$!; sleep 0.5
told() { sleep 0.3; echo "$1: $(grep -c ': v0@' seen)"; }
timeout 1 tcpdump -i v0 >/dev/null 2>&1; told listening
timeout 1 tcpdump -pi v0 >/dev/null 2>&1; told "not to all"
ip link set v0 promisc on; told "by hand"
timeout 1 tcpdump -i v0 >/dev/null 2>&1; told "and listening"
ip -d link show v0 | grep -o 'promiscuity [0-9]*'
ip link set v0 promisc off; told "no more"; kill $m
