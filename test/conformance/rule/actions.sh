sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip link set v1 up; sleep 0.2
ip route add default via 10.0.0.2
ip rule add fwmark 1 blackhole pref 10; ip rule add fwmark 2 unreachable pref 11; ip rule add fwmark 3 prohibit pref 12
ip rule add fwmark 4 goto 32767 pref 13; ip rule add fwmark 5 lookup 50 pref 14; ip route add table 50 throw default
ip rule add fwmark 6 lookup 60 pref 15; ip route add table 60 blackhole default
ip rule add fwmark 7 lookup main suppress_prefixlength 0 pref 16; ip rule add fwmark 7 unreachable pref 17
for m in 1 2 3 4 5 6 7; do ip route get 8.8.8.8 mark $m; echo $?; done
ip route get 10.0.0.2 mark 7
for m in 1 2 3 6; do ping -c 1 -W 1 -q -m $m 8.8.8.8; echo $?; done
