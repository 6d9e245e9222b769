nc -k -l 82 >/dev/null </dev/null &
sleep 0.3
nc -z -nv 127.0.0.1 81-83
echo "status $?"
kill %1
