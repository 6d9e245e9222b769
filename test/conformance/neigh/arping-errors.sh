for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a link set v0 address 02:00:00:00:00:01; ip -n b link set v1 address 02:00:00:00:00:02
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
t() { echo "\$ arping $*"; $A arping "$@"; echo "= $?"; }
t; t -x 10.0.0.2; t -c; t -h; t -V -c 0; t -c 0 -V; t 10.0.0.1 10.0.0.2
t -c 0 10.0.0.2; t -c x 10.0.0.2; t -c 3x 10.0.0.2; t -w -1 10.0.0.2; t -i -1 10.0.0.2; t -c 2147483648 10.0.0.2; t -c '' 10.0.0.2
t -I nope 10.0.0.2; t -I lo 10.0.0.2; t -D -I lo 10.0.0.2; t -q -I lo 10.0.0.2; t 10.0.0.1; t 10.9.9.9
t -I v0 -s bad 10.0.0.2; t -I v0 -s 10.0.0.7 10.0.0.2; t -U -I v0 10.0.0.7; t -D -I v0 -s 10.0.0.7 10.0.0.2
t -c 1 -I v0 10.9.9.9; t -c 1 -I v0 -s 0.0.0.0 10.0.0.9
t -c 1 -I v0 10.0.0.255; t -c 1 -I v0 224.0.0.1; t -c 1 -I v0 255.255.255.255; t -c 1 -I v0 0x0a000002; t -c 1 -I '' 10.0.0.9
ip -n a route add unreachable 10.5.0.0/16; t -c 1 10.5.0.1; t -c 1 -I v0 10.5.0.1
ip -n a link set v0 arp off; t -c 1 -I v0 10.0.0.2; t -D -c 1 -I v0 10.0.0.2; ip -n a link set v0 arp on
ip -n a link set v0 down; t -c 1 -I v0 10.0.0.2; t -q -I v0 10.0.0.2; ip -n a link set v0 up
ip -n a addr flush dev v0; t -c 1 -I v0 10.0.0.2; t -D -c 1 -I v0 10.0.0.2; t -c 1 10.0.0.2
