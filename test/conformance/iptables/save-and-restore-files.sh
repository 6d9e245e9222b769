iptables -A INPUT -s 1.1.1.1
iptables-save -t filter -f saved; echo $?
grep -v '^#' saved
iptables -F
iptables-restore saved; echo $?
iptables-restore -T nat saved; echo $?
iptables -S INPUT
iptables-save -x; echo $?
iptables-save foo; echo $?
iptables-restore -x; echo $?
iptables-save -V; iptables-restore -V
