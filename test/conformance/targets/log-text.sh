iptables -A INPUT -j LOG
iptables -A INPUT -j LOG --log-prefix "in: " --log-level debug --log-uid --log-ip-options
iptables -A INPUT -j LOG --log-prefix abc --log-level 3 --log-tcp-sequence --log-tcp-options --log-macdecode
iptables -A INPUT -j LOG --log-level loud; echo $?
iptables -A INPUT -j LOG --log-prefix; echo $?
iptables -A INPUT -j LOG --log-prefix ""; echo $?
iptables -A INPUT -j NFLOG --nflog-group 5 --nflog-prefix "a b"
iptables -S INPUT; iptables -L INPUT; iptables -nL INPUT
