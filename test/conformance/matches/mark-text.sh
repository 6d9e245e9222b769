for m in 1 0x10 010 1/2 0xffffffff 4294967296 1/ 1x -1 1/0x; do iptables -A INPUT -m mark --mark $m; echo "$m $?"; done
iptables -A INPUT -m mark ! --mark 5/7 -m connmark ! --mark 0x9/0xf
iptables -A INPUT -m mark --mark 1 --mark 2; echo $?
iptables -S INPUT; iptables -nL INPUT
