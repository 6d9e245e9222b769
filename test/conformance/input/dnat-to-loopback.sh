for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
  ip -n $n link set lo up
done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n a link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up
A="ip netns exec a"; B="ip netns exec b"
$B iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 127.0.0.1:8080
$B nc -l 127.0.0.1 8080 </dev/null & sleep 0.3
echo one | $A nc -N -w 1 10.0.0.2 80; echo $?
$B sysctl -qw net.ipv4.conf.v1.route_localnet=1
echo two | $A nc -N -w 1 10.0.0.2 80; echo $?
wait
