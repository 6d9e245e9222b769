iptables -t foo -L; echo $?
iptables-save -t foo; echo $?
printf '*foo\nCOMMIT\n' | iptables-restore; echo $?
