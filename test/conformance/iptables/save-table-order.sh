iptables-save; echo "none $?"
iptables -t mangle -nL > /dev/null
iptables -t raw -nL > /dev/null
iptables -nL > /dev/null
iptables-save | grep '^[*:C]'
cat /proc/net/ip_tables_names
