sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; sleep 0.2
f() { ip link show v0 | grep -o '<.*>'; }
f; ip link set v0 allmulticast on; f; ip link set v0 arp off; f; ip link set v0 promisc on; f; ip link set v0 multicast off; f; ip link set v1 down; f; ip link set v0 promisc off arp on allmulticast off multicast on; f
ip link set v0 alias hello; ip addr show v0 | grep -c alias; ip -d addr show v0 | grep -c alias; ip link show v0 | grep -c alias
