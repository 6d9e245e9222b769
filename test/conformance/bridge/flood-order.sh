# a flood goes to the port that was added last first, whatever its number
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add br0 type bridge; ip link set br0 up
for n in a b c d; do
  ip netns add $n; ip link add p$n type veth peer name v netns $n; ip link set p$n up
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null; ip -n $n link set v up
done
ip -n a addr add 10.0.0.1/24 dev v
for n in c a d b; do ip link set p$n master br0; done
sleep 0.2
flooded() {
  timeout 2 tcpdump -nli any -Q out --immediate-mode arp 2>/dev/null | awk '/who-has/ {print $2, $3}' & sleep 0.4
  ip netns exec a ping -qc 1 -W 1 10.0.0.$1 >/dev/null; wait
}
flooded 2 | head -3
echo "one leaves and comes again"
ip link set pc nomaster; ip link set pc master br0; sleep 0.2
flooded 3 | head -3
