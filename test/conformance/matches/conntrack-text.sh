iptables -A INPUT -m conntrack --ctstate est,REL --ctdir ORIGINAL
iptables -A INPUT -m conntrack ! --ctstate INVALID --ctproto tcp --ctorigsrc 10.0.0.0/8 ! --ctrepldst 1.2.3.4
iptables -A INPUT -m conntrack --ctstatus CONFIRMED,ASSURED --ctexpire 10:20 --ctorigdstport 80:90
iptables -A INPUT -m state --state ESTABLISHED,NEW
iptables -A INPUT -m state ! --state UNTRACKED
iptables -A INPUT -m conntrack --ctstate FOO; echo $?
iptables -A INPUT -m conntrack --ctstate NEW,; echo $?
iptables -A INPUT -m conntrack; echo $?
iptables -A INPUT -m conntrack --ctdir UP; echo $?
iptables -S INPUT; iptables -nL INPUT
