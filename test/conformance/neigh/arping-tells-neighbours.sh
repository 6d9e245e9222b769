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
n() { echo "$*: $(ip -n b neigh show | sed 's/ *$//')"; }
go() { $A arping "$@" >/dev/null; sleep 0.2; }
# Who does not know the address learns nothing, unless it is told to.
go -U -c 1 -I v0 10.0.0.1; n "a question"
go -A -c 1 -I v0 10.0.0.1; n "an answer"
$B sysctl -qw net.ipv4.conf.v1.arp_accept=1
go -U -c 1 -I v0 10.0.0.1; n "a question, accepted"
ip -n b neigh flush all
go -A -c 1 -I v0 10.0.0.1; n "an answer, accepted"
ip -n b neigh flush all
$B sysctl -qw net.ipv4.conf.v1.arp_accept=0
# Who knows it hears that it has moved, but not within a second.
$B ping -c 1 -q 10.0.0.1 >/dev/null; n "known"
ip -n a link set v0 address 02:00:00:00:00:07
go -U -c 1 -I v0 10.0.0.1; n "moved, too soon"
sleep 1.5
go -U -c 1 -I v0 10.0.0.1; n "moved, a question"
ip -n a link set v0 address 02:00:00:00:00:08; sleep 1.5
go -A -c 1 -I v0 10.0.0.1; n "moved, an answer"
# What is asked of others is heard too: within a second, after it, and of somebody unknown.
ip -n b neigh flush all; $B ping -c 1 -q 10.0.0.1 >/dev/null; ip -n a link set v0 address 02:00:00:00:00:09
go -c 1 -I v0 -b -w 1 -s 10.0.0.1 10.0.0.99; n "overheard, too soon"
sleep 0.5; go -c 1 -I v0 10.0.0.99; n "overheard"
for accept in 1 2; do
  $B sysctl -qw net.ipv4.conf.v1.arp_accept=$accept; ip -n b neigh flush all
  go -c 1 -I v0 10.0.0.99; n "$accept, overheard"
  go -A -c 1 -I v0 -s 10.0.0.1 10.0.0.99; n "$accept, an answer to somebody"
  ip -n b neigh flush all
  ip -n a addr add 10.7.0.1/24 dev v0; ip -n b route replace 10.7.0.0/24 dev v1
  go -U -c 1 -I v0 10.7.0.1; n "$accept, of another network"
  ip -n a addr del 10.7.0.1/24 dev v0; ip -n b route del 10.7.0.0/24
done
$B sysctl -qw net.ipv4.conf.v1.arp_accept=0
# A question to somebody tells them who asks.
ip -n b neigh flush all
go -c 1 -I v0 10.0.0.2; n "asked"
ip -n b neigh flush all
# One that is permanent stays.
ip -n b neigh replace 10.0.0.1 lladdr 02:00:00:00:00:99 dev v1
go -U -c 1 -I v0 10.0.0.1; n "permanent"
go -D -c 1 -I v0 10.0.0.2
ip -n b neigh del 10.0.0.1 dev v1
go -D -c 1 -I v0 10.0.0.2; n "asked from nowhere"
