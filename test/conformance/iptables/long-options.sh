iptables --append INPUT --protocol tcp --source 1.2.3.4 --jump ACCEPT
iptables --table=mangle --append=PREROUTING --in-interface=lo --jump=MARK --set-mark=1
iptables --list INPUT --numeric --line
iptables --table mangle --list-rules PREROUTING
iptables --d INPUT 1; echo $?
iptables --delete INPUT 1; echo $?
iptables --list-rules
