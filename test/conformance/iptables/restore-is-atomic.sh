iptables -A INPUT -s 10.0.0.1 -j ACCEPT
printf '*filter\n-A INPUT -s 10.0.0.2 -j ACCEPT\n-A INPUT -j NOPE\nCOMMIT\n' | iptables-restore; echo $?
printf '*filter\n-A NOPE -j ACCEPT\nCOMMIT\n' | iptables-restore; echo $?
printf '*filter\n-A INPUT -s 10.0.0.3 -j ACCEPT\n' | iptables-restore; echo $?
printf 'nonsense\n' | iptables-restore; echo $?
printf '*nat\n-A OUTPUT -j MASQUERADE\nCOMMIT\n' | iptables-restore; echo $?
iptables -S INPUT
