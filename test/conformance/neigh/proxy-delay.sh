ip netns add a; ip netns add b
ip link add r1 type veth peer name e0 netns a
ip link add r2 type veth peer name e0 netns b
ip addr add 10.1.0.1/24 dev r1; ip addr add 10.2.0.1/24 dev r2; ip link set r1 up; ip link set r2 up
ip -n a addr add 10.1.0.10/8 dev e0; ip -n a link set e0 up
ip -n b addr add 10.2.0.10/24 dev e0; ip -n b link set e0 up; ip -n b route add default via 10.2.0.1
sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.r1.proxy_arp=1
sleep 0.2
# Who asks everybody waits for an answer in another's name, up to 0.8 s; who asks us does not.
late() { awk -F= '/time=/ { split($4, t, " "); print (t[1] > 900 ? "too late" : t[1] > 1.5 ? "late" : "at once") }'; }
echo 4 questions:
for i in 1 2 3 4; do
  ip -n a neigh flush all
  ip netns exec a ping -c 1 -W 2 10.2.0.10 | late
done | sort | uniq -c | awk '$2 == "late" && $1 >= 2 { print "late, most of them" }'
sysctl -qw net.ipv4.neigh.r1.proxy_delay=0
ip -n a neigh flush all
ip netns exec a ping -c 1 10.2.0.10 | late
ls /proc/sys/net/ipv4/neigh
for f in /proc/sys/net/ipv4/neigh/r2/*; do echo "${f##*/} $(cat $f)"; done
sysctl -w net.ipv4.neigh.r2.base_reachable_time_ms=12000 net.ipv4.neigh.r2.retrans_time_ms=500
sysctl net.ipv4.neigh.r2.base_reachable_time net.ipv4.neigh.r2.retrans_time
ip link set r2 name x9; sysctl net.ipv4.neigh.x9.retrans_time_ms; sysctl net.ipv4.neigh.r2.retrans_time_ms
