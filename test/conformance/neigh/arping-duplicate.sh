ip link add br0 type bridge; ip link set br0 up
for n in 1 2 3; do
  ip netns add h$n
  ip netns exec h$n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip link add p$n type veth peer name eth0 netns h$n
  ip link set p$n master br0; ip link set p$n up
  ip -n h$n link set eth0 address 02:00:00:00:00:0$n up
done
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
ip -n h1 addr add 10.0.0.1/24 dev eth0; ip -n h2 addr add 10.0.0.2/24 dev eth0; ip -n h3 addr add 10.0.0.2/24 dev eth0
t() { echo "\$ $*"; ip netns exec "$@"; echo "= $?"; }
# Two have the address: each answers.
t h1 arping -c 2 -w 2 -I eth0 10.0.0.2 | sort
t h2 arping -D -c 2 -I eth0 10.0.0.2
t h2 arping -D -c 2 -I eth0 10.0.0.1
t h2 arping -D -c 2 -w 1 -I eth0 10.0.0.7
t h2 arping -q -D -c 1 -I eth0 10.0.0.1
# Somebody else says that it is theirs, while one listens.
ip netns exec h2 arping -D -w 3 -I eth0 10.0.0.9 & sleep 0.5
ip -n h3 addr add 10.0.0.9/24 dev eth0; ip netns exec h3 arping -q -U -c 1 -I eth0 10.0.0.9; wait; echo "= $?"
ip -n h3 addr del 10.0.0.9/24 dev eth0
ip netns exec h2 arping -D -w 3 -I eth0 10.0.0.9 & sleep 0.5
ip -n h3 addr add 10.0.0.9/24 dev eth0; ip netns exec h3 arping -q -A -c 1 -I eth0 10.0.0.9; wait
# An answer that nobody asked for.
ip netns exec h1 arping -w 2 -I eth0 -s 10.0.0.1 10.0.0.8 & sleep 0.5
ip -n h3 addr add 10.0.0.8/24 dev eth0; ip netns exec h3 arping -q -U -c 1 -I eth0 -s 10.0.0.8 10.0.0.1; wait
