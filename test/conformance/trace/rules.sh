# needs log

ip netns add a
ip link add v0 type veth peer name v1 netns a
ip link set v0 address 02:00:00:00:00:01
ip -n a link set v1 address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up
ip -n a addr add 10.0.0.2/24 dev v1; ip -n a link set v1 up; ip -n a link set lo up
iptables -t raw -A PREROUTING -p icmp -j TRACE
iptables -t raw -A OUTPUT -p icmp -j TRACE
iptables -t mangle -N sub
iptables -t mangle -A PREROUTING -i v0 -j sub
iptables -t mangle -A sub -p tcp -j ACCEPT
iptables -t mangle -A sub -p icmp -j MARK --set-mark 0x5
iptables -t mangle -A sub -p icmp -j RETURN
iptables -t mangle -A sub -j DROP
iptables -t mangle -A PREROUTING -p icmp -j LOG --log-prefix "hello "
iptables -A INPUT -p icmp -j ACCEPT
iptables -N out2
iptables -A OUTPUT -g out2
iptables -A out2 -m mark --mark 7
ip netns exec a ping -c1 -W1 10.0.0.1 >/dev/null
dmesg | sed -n '/TRACE\|hello/s/^\[ *[0-9.]*\] //p' | sed 's/ID=[0-9]* /ID=N /g'
echo ---
dmesg -C
ping -c1 -W1 10.0.0.2 >/dev/null
dmesg | sed 's/^\[ *[0-9.]*\] //; s/ID=[0-9]* /ID=N /g'
echo --- an end that is none: no questions, and a verdict
iptables -F; iptables -t mangle -F; iptables -X; iptables -t mangle -X
iptables -A INPUT -s 10.0.0.0/8 -j RETURN
iptables -A OUTPUT -j ACCEPT
iptables -t mangle -N dropper
iptables -t mangle -A INPUT -m comment --comment why -j ACCEPT
iptables -t mangle -A INPUT -j ACCEPT
iptables -t mangle -A POSTROUTING -j dropper
iptables -t mangle -A dropper -j RETURN
iptables -t nat -A POSTROUTING -j MASQUERADE
dmesg -C
ping -c1 -W1 10.0.0.2 >/dev/null
dmesg | sed 's/^\[ *[0-9.]*\] //; s/ID=[0-9]* /ID=N /g; s/SRC.*//'
