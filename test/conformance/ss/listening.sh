nc -k -l 80 >/dev/null </dev/null &
nc -l 127.0.0.1 8080 >/dev/null </dev/null &
nc -u -l 53 >/dev/null </dev/null &
sleep 0.3
ss -tln sport = :80
ss -ltn src 127.0.0.1
ss -uan
ss -H -lnt sport = :8080
kill %1 %2 %3
