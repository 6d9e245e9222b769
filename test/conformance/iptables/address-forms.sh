for a in 10.1 10.1.2.3/8 1.2.3.4/255.255.255.0 10.0.0.1/255.0.0.255 any/0 0.0.0.0/0 localhost 1.2.3.4/33 1.2.3 300.1.1.1 nohost.invalid; do
  iptables -A INPUT -s $a -j ACCEPT; echo "$a $?"
done
iptables -S INPUT
