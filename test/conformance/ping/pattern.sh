ping -c 1 -p 68656c6c6f20 127.0.0.1 | head -2
ping -c 1 -q -p 68656 127.0.0.1 | head -1
ping -p 68xy 127.0.0.1; echo $?
tcpdump -c 1 -Uni lo -w d icmp 2>/dev/null & sleep 0.5; ping -qc 1 -p 616263 -s 40 127.0.0.1 >/dev/null; wait; tcpdump -Xr d 2>/dev/null | tail -1
