# Until a packet's connection is looked for, rules see what CT has put in its place
iptables-restore <<'RULES'
*raw
:PREROUTING ACCEPT
:OUTPUT ACCEPT
-A OUTPUT -m conntrack --ctdir ORIGINAL
-A OUTPUT -j CT --zone 2
-A OUTPUT -m conntrack --ctdir ORIGINAL
-A OUTPUT -m conntrack --ctdir REPLY
-A OUTPUT -m conntrack --ctstate NEW
-A OUTPUT -m conntrack --ctstatus CONFIRMED
-A OUTPUT -m conntrack --ctstatus NONE
-A OUTPUT -m conntrack --ctproto 0 --ctorigsrc 0.0.0.0
-A OUTPUT -m conntrack --ctrepldst 127.0.0.1
-A OUTPUT -m conntrack ! --ctproto 17 --ctorigdstport 0
-A OUTPUT -m conntrack --ctexpire 0
-A OUTPUT -m connmark --mark 0x7
-A OUTPUT -j CONNMARK --set-mark 7
-A OUTPUT -m connmark --mark 0x7
-A OUTPUT -m connbytes --connbytes 0: --connbytes-mode packets --connbytes-dir both
COMMIT
*filter
-A OUTPUT -m connmark --mark 0x7
-A OUTPUT -m connmark --mark 0x0
COMMIT
RULES
ping -c 1 127.0.0.1 >/dev/null
ping -c 1 127.0.0.2 >/dev/null
iptables-save -c -t raw | grep OUTPUT
iptables-save -c -t filter | grep -- --mark
echo "a changed table makes it anew"
iptables -t raw -A OUTPUT -j ACCEPT
ping -c 1 127.0.0.1 >/dev/null
iptables-save -c -t raw | grep -- '--mark\|ctdir'
