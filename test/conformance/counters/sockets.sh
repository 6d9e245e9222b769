# what UDP, TCP and a host's own sends count
export NSTAT_HISTORY=$PWD/history
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
ip netns add peer; ip link add v type veth peer name v netns peer
ip addr add 10.0.0.1/24 dev v; ip link set v up; ip -n peer addr add 10.0.0.2/24 dev v; ip -n peer link set v up; ip -n peer link set lo up
here() { ip netns exec peer "$@"; }
ping -qc 1 10.0.0.2 >/dev/null
basic='^#|^(Ip|Icmp|Udp)[A-Z]|^Tcp(Active|Passive|Attempt|Estab|Curr|InSegs|OutSegs|InErrs|OutRsts|Retrans)|^TcpExt(Listen|Embryonic|TCPAbort|TCPSynRetrans|TCPTimeouts)'
both() { echo "== $1"; nstat | grep -E "$basic" | grep -v Octets; echo "-- peer"; here env NSTAT_HISTORY=$PWD/peer nstat | grep -E "$basic" | grep -v Octets; }
nstat -n; here env NSTAT_HISTORY=$PWD/peer nstat -n
echo hello | nc -u -w 1 10.0.0.2 9 >/dev/null 2>&1; both "nobody at the port"
here nc -u -l 10.0.0.2 99 >/dev/null & sleep 0.2; echo hello | nc -u -w 1 10.0.0.2 99; sleep 0.2; kill %1; wait %1 2>/dev/null; both "a datagram"
nc -w 1 -z 10.0.0.2 80; both "refused"
here nc -l 10.0.0.2 80 >/dev/null & sleep 0.2; echo hi | nc -N -w 2 10.0.0.2 80; wait; both "a connection"
here iptables -A INPUT -p tcp --dport 81 -j DROP; nc -w 2 -z 10.0.0.2 81; both "no answer"
iptables -A OUTPUT -p udp -j DROP; echo x | nc -u -w 1 10.0.0.2 9; both "not let out"; iptables -F
iptables -A OUTPUT -p icmp -j DROP; ping -qc 1 -W 1 10.0.0.2 >/dev/null 2>&1; both "ping not let out"; iptables -F
ping -qc 1 -W 1 10.9.0.1 >/dev/null 2>&1; nc -w 1 -z 10.9.0.1 80 2>/dev/null; echo x | nc -u -w 1 10.9.0.1 80 2>/dev/null; both "no route"
ping -qc 1 -s 3000 10.0.0.2 >/dev/null; both "in pieces"
ping -qbc 1 -W 1 10.0.0.255 >/dev/null 2>&1; both "to all"
ping -qc 1 -W 1 224.0.0.1 >/dev/null 2>&1; both "to the group of all"
here iptables -t mangle -A INPUT -p icmp -j DROP; ping -qc 1 -W 1 10.0.0.2 >/dev/null; both "not let in"; here iptables -t mangle -F
