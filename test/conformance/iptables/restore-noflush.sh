iptables -N keep; iptables -N redo
iptables -A keep -j ACCEPT; iptables -A redo -j ACCEPT
iptables -A INPUT -s 10.0.0.1 -j ACCEPT
iptables-restore -n <<'X'
# a comment
*filter
:redo - [0:0]
:new - [0:0]
-A new -j DROP
-A INPUT -s 10.0.0.2 -j new
COMMIT
X
echo $?
iptables -S
iptables-restore --test <<'X'
*filter
-A INPUT -j DROP
COMMIT
X
echo $?
iptables -S | wc -l
