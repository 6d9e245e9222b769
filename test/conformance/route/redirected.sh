# A router sends a host to another one, and for that host it is the way from now on
ip link add br0 type bridge; ip link set br0 up; ip addr add 10.0.0.1/24 dev br0
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
for i in 2 3; do ip netns add r$i; ip link add p$i type veth peer name e address 02:00:00:00:00:0$i netns r$i
ip netns exec r$i sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link set p$i master br0 up; ip -n r$i addr add 10.0.0.$i/24 dev e; ip -n r$i link set e up; done
ip netns exec r2 sysctl -qw net.ipv4.ip_forward=1
ip -n r2 route add 192.168.1.0/24 via 10.0.0.3
ip -n r3 link set lo up; ip -n r3 addr add 192.168.1.5/32 dev lo; ip -n r3 addr add 192.168.1.6/32 dev lo
ip route add 192.168.1.0/24 via 10.0.0.2
sleep 1
ip route get 192.168.1.5 | sed 's/[0-9]*sec/Nsec/'
ping -c 4 -i 0.3 192.168.1.5 | sed 's/time=[0-9.]*/time=T/' | grep -v 'rtt\|packets'
ip route get 192.168.1.5 | sed 's/[0-9]*sec/Nsec/'
ip -j route get 192.168.1.5 | sed 's/"expires":[0-9]*/"expires":N/'
ip route get 192.168.1.6 | sed 's/[0-9]*sec/Nsec/'
ip netns exec r2 tcpdump -c 1 -lnt -i e icmp >seen 2>/dev/null & sleep 0.5
ping -c 1 192.168.1.5 >/dev/null; echo "not by r2: $?"; ping -c 1 192.168.1.6 | sed 's/time=[0-9.]*/time=T/' | grep -v 'rtt\|packets'; wait; cat seen
echo "a router does not believe it"
sysctl net.ipv4.conf.all.accept_redirects; sysctl -w net.ipv4.ip_forward=1; sysctl net.ipv4.conf.all.accept_redirects
ip route get 192.168.1.5 | sed 's/[0-9]*sec/Nsec/'; ip route flush cache; ip route get 192.168.1.5 | sed 's/[0-9]*sec/Nsec/'
sysctl -w net.ipv4.ip_forward=0; sysctl net.ipv4.conf.all.accept_redirects
