sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add v0 type veth peer name v1; ip link add w0 type veth peer name w1; sleep 0.3
ip -4 monitor label address route >m & ip -o monitor address >n & ip monitor link dev v0 >o & sleep 0.4
ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.1.1/24 dev w0; ip link set w0 mtu 1400; ip link set v0 mtu 1400; ip addr del 10.0.1.1/24 dev w0; sleep 0.3
kill %1 %2 %3; wait 2>/dev/null; cat m n o
ip monitor nonsense; echo $?; ip monitor link dev nothere; echo $?
