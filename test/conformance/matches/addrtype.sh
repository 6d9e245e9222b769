ip link add v0 type veth peer name v1
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up; ip link set v1 up
iptables -A OUTPUT -m addrtype --dst-type LOCAL
iptables -A OUTPUT -m addrtype --dst-type BROADCAST
iptables -A OUTPUT -m addrtype --dst-type MULTICAST,UNICAST
iptables -A OUTPUT -m addrtype ! --src-type LOCAL
ping -c 1 -q 10.9.0.1 > /dev/null
iptables -vS OUTPUT
iptables -A INPUT -m addrtype --dst-type LOCAL --limit-iface-out; echo $?
iptables -A OUTPUT -m addrtype --dst-type LOCAL --limit-iface-in; echo $?
iptables -A FORWARD -m addrtype --dst-type unicast --limit-iface-in --limit-iface-out; echo $?
iptables -A INPUT -m addrtype; echo $?
iptables -A INPUT -m addrtype --dst-type foo; echo $?
