iptables -P FORWARD DROP; echo $?
iptables -P FORWARD REJECT; echo $?
iptables -P nope DROP; echo $?
iptables -N x; iptables -P x DROP; echo $?
iptables -P INPUT; echo $?
iptables -t nat -P PREROUTING DROP; echo $?
iptables -P INPUT ACCEPT -c 5 600
iptables -vS | grep -- -P
