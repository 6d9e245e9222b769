iptables -N web
iptables -A INPUT -p tcp --dport 80 -m comment --comment 'a "quoted" word' -j web
iptables -A web -c 7 700 -j ACCEPT
iptables -P FORWARD DROP
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
iptables-save -c > saved
iptables -F; iptables -X; iptables -t nat -F
iptables-restore -c < saved; echo $?
iptables-save -c | diff <(grep -v '^#' saved) <(iptables-save -c | grep -v '^#') && echo same
iptables-restore < saved
iptables-save -t filter | grep -v '^#'
