iptables -A INPUT -p udp -m string --algo bm --string needle
iptables -A INPUT -p udp -m string --algo kmp --hex-string '|6e 65|edle' --from 28 --to 40
iptables -A INPUT -p udp -m string --algo bm --icase --string NEEDLE
iptables -A INPUT -p udp -m u32 --u32 '6&0xff=17'
iptables -A INPUT -p udp -m u32 --u32 '0>>22&0x3c@0&0xffff=9'
echo a needle | nc -u -w 1 127.0.0.1 9
iptables -vS INPUT
iptables -nL INPUT
iptables -A INPUT -m string --string x; echo $?
iptables -A INPUT -m u32 --u32 x; echo $?
