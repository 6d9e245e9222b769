iptables -ieth0 -A INPUT; echo $?
iptables -A INPUT -ptcp; echo $?
iptables -A INPUT -s1.1.1.1; echo $?
iptables -A INPUT --jump=ACCEPT; echo $?
iptables -A INPUT --in-interface=lo; echo $?
iptables -A INPUT -mmark --mark=1; echo $?
iptables -S INPUT
iptables -tmangle -S PREROUTING
