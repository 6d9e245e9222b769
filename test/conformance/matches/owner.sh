iptables -A OUTPUT -m owner --uid-owner 0
iptables -A OUTPUT -m owner ! --uid-owner root
iptables -A OUTPUT -m owner --gid-owner 1-5
iptables -A OUTPUT -m owner --socket-exists
iptables -A OUTPUT -m owner ! --socket-exists
ping -c 1 -q 127.0.0.1 > /dev/null
iptables -vS OUTPUT
iptables -A INPUT -m owner --uid-owner 0; echo $?
iptables -A OUTPUT -m owner; echo $?
iptables -A OUTPUT -m owner --uid-owner nobody9; echo $?
iptables -A OUTPUT -m owner --suppl-groups; echo $?
