# needs geneve
for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a link set v0 up; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v1
ip -n a link add g type geneve id 7 remote 10.0.0.2; ip -n b link add g type geneve id 7 remote 10.0.0.1
ip -n a addr add 10.9.0.1/24 dev g; ip -n b addr add 10.9.0.2/24 dev g; ip -n a link set g up; ip -n b link set g up
ip -n a -d link show g | grep -o 'geneve id.*sumrx'; ip -n a link show g | grep -o 'mtu [0-9]*'
$B tcpdump -i v1 -U -w d -c 4 udp 2>/dev/null & sleep 1
$A ping -c 1 -W 2 10.9.0.2 | head -2 | sed 's/time=.*/time=T/'; wait; tcpdump -r d -nn -t 2>/dev/null | sed -E 's/10.0.0.([12]).[0-9]{1,5} >/10.0.0.\1.P >/'
