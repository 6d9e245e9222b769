ip netns add c; ip netns add s
ip link add c0 netns c type veth peer name s0 netns s
ip -n c addr add 10.0.0.1/24 dev c0; ip -n s addr add 10.0.0.2/24 dev s0
for n in c s; do ip -n $n link set lo up; ip -n $n link set ${n}0 up; done
cat > pod.sh <<'X'
ip route add local 0.0.0.0/0 dev lo table 100
ip rule add fwmark 0x111/0xfff pref 32764 lookup 100
iptables-restore --noflush <<'RULES'
*mangle
:ISTIO_PRERT - [0:0]
:ISTIO_OUTPUT - [0:0]
-A PREROUTING -j ISTIO_PRERT
-A OUTPUT -j ISTIO_OUTPUT
-A ISTIO_PRERT -m mark --mark 0x539/0xfff -j CONNMARK --set-xmark 0x111/0xfff
-A ISTIO_OUTPUT -m connmark --mark 0x111/0xfff -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff
COMMIT
*nat
:ISTIO_PRERT - [0:0]
:ISTIO_OUTPUT - [0:0]
-A OUTPUT -j ISTIO_OUTPUT
-A PREROUTING -j ISTIO_PRERT
-A ISTIO_OUTPUT -d 169.254.7.127 -p tcp -m tcp -j ACCEPT
-A ISTIO_PRERT -s 169.254.7.127 -p tcp -m tcp -j ACCEPT
-A ISTIO_PRERT ! -d 127.0.0.1/32 -p tcp ! --dport 15008 -m mark ! --mark 0x539/0xfff -j REDIRECT --to-ports 15006
-A ISTIO_OUTPUT ! -o lo -p udp -m mark ! --mark 0x539/0xfff -m udp --dport 53 -j REDIRECT --to-port 15053
-A ISTIO_OUTPUT ! -d 127.0.0.1/32 -p tcp --dport 53 -m mark ! --mark 0x539/0xfff -j REDIRECT --to-ports 15053
-A ISTIO_OUTPUT -p tcp -m mark --mark 0x111/0xfff -j ACCEPT
-A ISTIO_OUTPUT ! -d 127.0.0.1/32 -o lo -j ACCEPT
-A ISTIO_OUTPUT ! -d 127.0.0.1/32 -p tcp -m mark ! --mark 0x539/0xfff -j REDIRECT --to-ports 15001
COMMIT
*raw
:ISTIO_PRERT - [0:0]
:ISTIO_OUTPUT - [0:0]
-A PREROUTING -j ISTIO_PRERT
-A OUTPUT -j ISTIO_OUTPUT
-A ISTIO_OUTPUT -p udp -m mark --mark 0x539/0xfff -m udp --dport 53 -j CT --zone 1
-A ISTIO_PRERT -p udp -m mark ! --mark 0x539/0xfff -m udp --sport 53 -j CT --zone 1
COMMIT
RULES
X
for n in c s; do ip netns exec $n sh pod.sh; done
ip netns exec c iptables-save | grep -v '^#'
ip netns exec c ip rule; ip netns exec c ip route show table 100
ping_port() { ip netns exec "$1" nc -z -w 1 "$2" "$3"; echo "$1 to $2:$3: $?"; }
# What leaves is sent to the proxy's outbound port, what arrives to its plaintext port.
ping_port c 10.0.0.2 80
ip netns exec c iptables -t nat -nvL ISTIO_OUTPUT | awk '{print $1, $3, $NF}'
ip netns exec s iptables -t nat -nvL ISTIO_PRERT | awk '{print $1, $3, $NF}'
# What the proxy itself sends has its mark and is let through; 15008 is the tunnel's.
ip netns exec c iptables -t mangle -I OUTPUT -p tcp --dport 15008 -j MARK --set-mark 0x539
ping_port c 10.0.0.2 15008
ip netns exec s iptables -t nat -nvL ISTIO_PRERT | awk '{print $1, $3, $NF}'
