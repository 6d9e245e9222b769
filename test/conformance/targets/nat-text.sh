n() { iptables -t nat "$@"; echo "$* = $?"; }
n -A PREROUTING -j DNAT --to-destination 1.1.1.1
n -A PREROUTING -p tcp -j DNAT --to-destination 1.1.1.1-1.1.1.9:80-90 --persistent
n -A PREROUTING -p tcp -j DNAT --to-destination :8080 --random
n -A PREROUTING -j DNAT --to-destination 1.1.1.1:80
n -A PREROUTING -p tcp -j DNAT --to-destination 1.1.1.1:80:81
n -A PREROUTING -p tcp -j DNAT --to-destination 1.1.1:80
n -A PREROUTING -p tcp -j DNAT --to-destination 1.1.1.1:90-80
n -A PREROUTING -j DNAT
n -A POSTROUTING -j SNAT --to-source 2.2.2.2-2.2.2.9 --random-fully
n -A POSTROUTING -p udp -j MASQUERADE --to-ports 1024-2048 --random
n -A POSTROUTING -j MASQUERADE
n -A OUTPUT -p tcp -j REDIRECT --to-ports 15001
n -A OUTPUT -j REDIRECT --to-ports 15001
n -A PREROUTING -d 5.5.5.0/24 -j NETMAP --to 6.6.6.0/24
n -A OUTPUT -j SNAT --to-source 1.1.1.1
n -A POSTROUTING -j DNAT --to-destination 1.1.1.1
n -A OUTPUT -j DROP
n -S
n -nL
