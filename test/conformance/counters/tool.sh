# nstat: what is new since the last call, kept in a file
export NSTAT_HISTORY=$PWD/history
ping -qc 2 127.0.0.1 >/dev/null
nstat; echo "again $?"
ping -qc 1 127.0.0.1 >/dev/null; nstat
echo "in all"; nstat -as 'IcmpIn*' 'Udp*'
echo "zeros"; nstat -azs 'IcmpInE*' 'IpIn*' | head -9
echo "nothing written"; nstat -s; nstat -n; nstat
echo "reset"; nstat -r 'IcmpOut*'
echo "json"; nstat -ajs 'IcmpIn*'; nstat --json --pretty -as 'IcmpIn*'; nstat -j
nstat -as nosuch; echo "none $?"
cat history
ip netns add other; ip -n other link set lo up; ip netns exec other ping -qc 1 127.0.0.1 >/dev/null
echo "elsewhere"; ip netns exec other nstat; ip netns exec other nstat; nstat
echo garbage > history; nstat; echo "garbage $?"
printf '#other\nIpInReceives 3 0.0\n' > history; nstat; echo "other $?"
nstat -Q; echo "bad $?"; nstat -h; echo "help $?"; nstat -V
NSTAT_HISTORY=/nosuch/x nstat; echo "nowhere $?"; NSTAT_HISTORY=/ nstat; echo "a folder $?"
grep -E '^(Icmp|IcmpMsg|Udp|UdpLite|IpExt):' /proc/net/snmp /proc/net/netstat | sed 's/^[^:]*://'
awk '/^Ip:/ {print $1, $2, $3}' /proc/net/snmp; sysctl -qw net.ipv4.ip_forward=1; awk '/^Ip:/ {print $1, $2, $3}' /proc/net/snmp
