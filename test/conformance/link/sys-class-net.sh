sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip netns add b; ip link add v0 type veth peer name v1 netns b; ip link set v0 address 02:00:00:00:00:01; ip link add br0 type bridge; ip link set v0 master br0
ls /sys/class/net; ip netns exec b ls /sys/class/net
f() { for n in address mtu operstate ifindex iflink flags type tx_queue_len carrier; do echo "$n $(cat /sys/class/net/$1/$n 2>&1)"; done; }
f v0; ip link set v0 up; sleep 0.3; f v0; ip -n b link set v1 up; sleep 0.3; f v0; f lo; f br0 | grep -v address
echo 1400 >/sys/class/net/v0/mtu; ip link show v0 | grep -o 'mtu [0-9]*'; test -d /sys/class/net/br0/bridge && echo bridge; test -d /sys/class/net/v0/bridge || echo no bridge; test -e /sys/class/net/nothere || echo none
ping -c 2 -i 0.2 -q 127.0.0.1 >/dev/null; cat /sys/class/net/lo/statistics/rx_packets /sys/class/net/lo/statistics/tx_bytes
