for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -t mangle -A PREROUTING -p tcp --syn -m socket -m comment --comment syn; $B iptables -t mangle -A PREROUTING -p tcp ! --syn -m socket -m comment --comment rest; $B iptables -t mangle -A PREROUTING -p tcp ! --syn -m comment --comment all-rest; $B iptables -t mangle -A PREROUTING -p udp -m socket -m comment --comment udp
$B nc -l 80 </dev/null >/dev/null & sleep 0.3; echo hi | $A nc -N 10.0.0.2 80; wait
$B nc -u -l 90 </dev/null >/dev/null & u=$!; sleep 0.3; echo hi | $A nc -u -w 1 10.0.0.2 90; echo hi | $A nc -u -w 1 10.0.0.2 91; kill $u; wait 2>/dev/null
$B iptables -t mangle -vS PREROUTING | sed -n 's/.*--comment "*\([a-z-]*\)"* -c \([0-9]*\) .*/\1 \2/p' | awk '{c[$1]=$2} END {print c["syn"], (c["rest"] == c["all-rest"]), c["udp"]}'
