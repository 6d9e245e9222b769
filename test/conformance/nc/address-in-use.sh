nc -l 127.0.0.1 8005 </dev/null >/dev/null &
sleep 0.3
nc -p 8005 -z 127.0.0.1 8005
echo "status $?"
kill %1
