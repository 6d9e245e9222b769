# needs log
iptables -A OUTPUT -p icmp -j LOG --log-prefix "one " --log-level 6
dmesg -C
ping -c1 127.0.0.1 >/dev/null
look() { dmesg "$@" 2>&1 | tail -1 | sed 's/ID=[0-9]*/ID=N/g; s/ <* *+*[0-9]*\.[0-9]*\([>]*\)\]/ TIME\1]/; s/\[ *[0-9]*\.[0-9]* /[ TIME /; s/^\[[A-Z].*[0-9]\]/[DATE]/'; }
for o in "" -T -t -x -r -d -e -k "-l info" "-l warn" "-l err+" "-f kern" -xt -u "-x -r"; do echo "$o:"; look $o; done
dmesg -c | wc -l
dmesg | wc -l
dmesg -l loud; echo $?
dmesg --nosuch; echo $?
dmesg foo; echo $?
dmesg -n; echo $?
dmesg -n 1; echo $?
dmesg -V
