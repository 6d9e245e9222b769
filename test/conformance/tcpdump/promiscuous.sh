sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null
ip link add br0 type bridge; ip link set br0 up
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
for n in 1 2; do
  ip netns add n$n
  ip netns exec n$n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip link add p$n type veth peer name v netns n$n
  ip link set p$n master br0; ip link set p$n up
  ip -n n$n link set v address 02:00:00:00:00:0$n; ip -n n$n addr add 10.0.0.$n/24 dev v; ip -n n$n link set v up
done
ip addr add 10.0.0.254/24 dev br0; ip link set br0 address 02:00:00:00:00:fe
ip netns exec n1 ping -qc 1 10.0.0.2 >/dev/null; ip netns exec n1 ping -qc 1 10.0.0.254 >/dev/null
iptables -t raw -A PREROUTING -p icmp
state() { ip -d link show $1 | grep -o 'promiscuity [0-9]*'; ip link show $1 | grep -o PROMISC; cat /sys/class/net/$1/flags; }
# what a bridge forwards is seen on it by who listens to all
watch() { timeout 2 tcpdump -netl --immediate-mode "$@" 2>/dev/null | grep . & sleep 0.4; }
state br0
for p in "" -p; do
  echo "listening $p"
  watch -i br0 $p icmp; state br0 | head -1
  before=$(cat /sys/class/net/br0/statistics/rx_packets)
  ip netns exec n1 ping -qc 1 10.0.0.2 | grep -o '[0-9] received'
  echo "counted $(($(cat /sys/class/net/br0/statistics/rx_packets) - before))"
  wait
done
iptables -t raw -nvxL PREROUTING | awk '/icmp/ {print "raw", $1}'
# what is for the bridge itself is seen in either case
watch -i br0 -p icmp; ip netns exec n1 ping -qc 1 10.0.0.254 | grep -o '[0-9] received'; wait
# told by hand, and with it all devices
ip link set br0 promisc on; state br0
watch -i any icmp; ip netns exec n1 ping -qc 1 10.0.0.2 | grep -o '[0-9] received'; wait
ip link set br0 promisc off; state br0
watch -i any icmp; ip netns exec n1 ping -qc 1 10.0.0.2 | grep -o '[0-9] received'; wait
# a frame for nobody: a veth hands it up whether or not anybody listens to all
ip link add e0 type veth peer name e1 netns n1
ip addr add 10.1.0.1/24 dev e0; ip link set e0 up
ip -n n1 link set e1 address 02:00:00:00:01:01; ip -n n1 addr add 10.1.0.2/24 dev e1; ip -n n1 link set e1 up
ip -n n1 neigh add 10.1.0.1 lladdr 02:00:00:00:00:99 dev e1
for p in "" -p; do
  watch -i e0 $p icmp; ip netns exec n1 ping -qc 1 -W 1 10.1.0.1 | grep -o '[0-9] received'; wait
done
watch -i any icmp; ip netns exec n1 ping -qc 1 -W 1 10.1.0.1 | grep -o '[0-9] received'; wait
# a bridge floods what it does not know, and listens
ip netns exec n1 ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev v
watch -i br0 icmp; ip netns exec n1 ping -qc 1 -W 1 10.0.0.77 | grep -o '[0-9] received'; wait
