# needs geneve
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add g type geneve; ip link add g type geneve id 1; ip link add g type geneve remote 10.0.0.1; ip link add g type geneve id 16777216 remote 10.0.0.1; ip link add g type geneve id 1 remote 10.0.0.1 foo; echo $?
ip link add g type geneve id 1 remote 10.0.0.1 dstport 5000 ttl 9 tos 4; ip link add gh type geneve id 1 remote 10.0.0.1 dstport 5000; ip link add gh type geneve id 1 remote 10.0.0.2 dstport 5000; ip link add i type geneve id 2 remote 10.0.0.1 dstport 5000
ip -d link show type geneve | grep -o 'geneve id.*dstport [0-9]*'; ip -br link show type geneve | sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/'
