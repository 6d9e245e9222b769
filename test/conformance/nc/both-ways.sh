(printf "from server\n" | nc -l 8003 -N > got; echo "server $?" >> got) &
sleep 0.3
printf "from client\n" | nc -N 127.0.0.1 8003
echo "client $?"
wait
cat got
