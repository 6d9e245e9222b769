for c in "" "-L -A INPUT" "-F -Z" "-L -s 1.1.1.1" "-A" "-A INPUT foo" "-A INPUT --foo" "-A INPUT -z" "-A INPUT --dport 80" "-A INPUT -p tcp --dport" "-A INPUT -p tcp -p udp" "-nL -nL" "-S -n" "-A INPUT -j ACCEPT -- x" "-A INPUT -m nope" "-A INPUT -j NOPE" "-w x -L" "-D INPUT x" "-t" "-A INPUT -n"; do
  iptables $c; echo "[$c] $?"
done
