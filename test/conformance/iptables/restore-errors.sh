r() { printf "$1" | iptables-restore; echo "= $?"; }
r '*filter\n:INPUT NONSENSE [0:0]\nCOMMIT\n'
r '*filter\n:x - [0:0]\n:x - [0:0]\nCOMMIT\n'
r '*filter\n[1:2 -A INPUT -j ACCEPT\nCOMMIT\n'
r '*filter\n-A INPUT -t nat -j ACCEPT\nCOMMIT\n'
r '*filter\n-A INPUT -w -j ACCEPT\nCOMMIT\n'
r '*filter\n-A INPUT --foo\nCOMMIT\n'
r '*\nCOMMIT\n'
r '*filter\n-A INPUT -6 -j ACCEPT\n-4 -A INPUT -j DROP\nCOMMIT\n'
iptables -S
iptables-restore nofile; echo $?
iptables-restore a b; echo $?
