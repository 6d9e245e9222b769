nc -k -l 80 >/dev/null </dev/null &
nc -l 127.0.0.1 8080 >/dev/null </dev/null &
nc -u -l 53 >/dev/null </dev/null &
sleep 0.3
ss -tl sport = :80
ss -ul
kill %1 %2 %3
