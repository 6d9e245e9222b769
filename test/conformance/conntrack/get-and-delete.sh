for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -A INPUT -m conntrack --ctstate NEW
echo x | $A nc -u -w1 -p 5000 10.0.0.2 9 2>/dev/null
get() { $B conntrack -G "$@" 2>&1 | sed 's/17 [0-9]*/17 T/'; echo "status ${PIPESTATUS[0]}"; }
get; get -p udp; get -p udp -s 10.0.0.1 -d 10.0.0.2; get -s 10.0.0.1 -d 10.0.0.2
get -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 5000 --dport 9
get -p udp -s 10.0.0.1 -d 10.0.0.2 --sport 5000 --dport 8
$B conntrack -D -p udp -s 10.0.0.3; echo $?
$B conntrack -D -p udp --orig-port-dst 9 2>&1 | sed 's/17 [0-9]*/17 T/'; $B conntrack -C
