(nc -n -v -l 8003 </dev/null; echo "server $?") 2>&1 | sed -E "s/[0-9]+$/N/" &
sleep 0.3
echo x | nc -nN 127.0.0.1 8003
wait
