tcpdump -i lo -nn -t -c 2 icmp & sleep 0.5
ping -c 1 127.0.0.1 >/dev/null; wait
tcpdump -i any -nn -t -c 2 icmp & sleep 0.5
ping -c 1 127.0.0.1 >/dev/null; wait
