nc -k -l 80 >/dev/null </dev/null &
nc -l 127.0.0.1 8080 >/dev/null </dev/null &
nc -u -l 53 >/dev/null </dev/null &
sleep 0.3
sleep 1 | nc -p 40000 127.0.0.1 80 &
sleep 0.3
ss -tn sport = :80
ss -tn state established dport = :80
ss -Htn dst 127.0.0.1:80
kill %1 %2 %3
wait
