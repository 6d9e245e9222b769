sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1; ip link set v1 up; ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; sleep 0.2
ip route add blackhole 10.1.0.0/16
ip route add unreachable 10.2.0.0/16
ip route add prohibit 10.3.0.0/16
ip route add throw 10.4.0.0/16
ip route add local 10.5.0.0/16 dev lo
ip route add broadcast 10.6.0.0/16 dev v0
ip route add 10.7.0.0/16 dev v0
ip route show; ip route show table local
for n in 1 2 3 4 5 6 7; do ip route get 10.$n.0.1; echo $?; done
for n in 1 2 3 4 5; do ping -c 1 -W 1 -q 10.$n.0.1; echo $?; done
