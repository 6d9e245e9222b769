for m in '--set-mark 1' '--set-mark 0x10/0xff' '--set-xmark 0x10/0xff' '--and-mark 0xf0' '--or-mark 4' '--xor-mark 4' '--set-mark x' '--set-mark 1 --or-mark 2' ''; do
  iptables -t mangle -A PREROUTING -j MARK $m; echo "$m = $?"
  iptables -t mangle -A PREROUTING -j CONNMARK $m; echo "$m = $?"
done
iptables -t mangle -A PREROUTING -j CONNMARK --save-mark
iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark --mask 0xff
iptables -t mangle -A PREROUTING -j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xf
iptables -t mangle -A PREROUTING -j CONNMARK --restore-mark --mask 1 --ctmask 2; echo $?
iptables -t mangle -S PREROUTING; iptables -t mangle -nL PREROUTING
