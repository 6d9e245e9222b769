iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu; echo $?
iptables -t mangle -A FORWARD -p tcp --syn -j TCPMSS --set-mss 1400; echo $?
iptables -t mangle -A FORWARD -p tcp -j TCPMSS --set-mss 1400; echo $?
iptables -t mangle -A FORWARD --syn -j TCPMSS --set-mss 1400; echo $?
iptables -t mangle -A INPUT -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu; echo $?
iptables -t mangle -A FORWARD -p tcp --syn -j TCPMSS; echo $?
iptables -t mangle -S FORWARD; iptables -t mangle -nL FORWARD
