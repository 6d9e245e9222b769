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
t -c 2 -I v0 10.0.0.2
t -c 2 10.0.0.2
t -f 10.0.0.2
t -c 3 -f 10.0.0.2
t -b -c 2 -w 5 10.0.0.2
t -c 2 -w 5 10.0.0.2
t -c 3 -w 1 10.0.0.2
t -c 1 -w 1 10.0.0.9
t -q -c 1 10.0.0.9
t -q -c 1 10.0.0.2
t -q -w 1 10.0.0.2
t -i 0 -w 2 10.0.0.2
t -i 2 -w 3 10.0.0.2
t -c 1 -s 10.0.0.1 10.0.0.2
t -U -c 1 10.0.0.1
t -U -c 2 -I v0 10.0.0.1
t -A -c 1 -I v0 10.0.0.1
t -U -c 1 -I v0 -s 10.0.0.1 10.0.0.2
# What others have configured.
$B sysctl -qw net.ipv4.conf.v1.arp_ignore=1; ip -n b addr add 10.8.0.1/32 dev lo
t -c 1 -I v0 10.8.0.1
$B sysctl -qw net.ipv4.conf.v1.arp_ignore=0
t -c 1 -I v0 10.8.0.1
$B sysctl -qw net.ipv4.conf.v1.proxy_arp=1 net.ipv4.ip_forward=1 net.ipv4.neigh.v1.proxy_delay=0
ip -n b link add d0 type veth peer name d1; ip -n b addr add 10.9.0.1/24 dev d0; ip -n b link set d0 up; ip -n b link set d1 up
t -c 1 -I v0 10.9.0.7
# Another source than the device's; a route with one of its own.
ip -n a addr add 10.7.0.1/32 dev lo
t -c 1 -I v0 -s 10.7.0.1 10.0.0.2
ip -n a route add 10.6.0.0/16 via 10.0.0.2 src 10.7.0.1
t -c 1 10.6.0.1
$A ip neigh show
