timeout 2 nc -u -l 5300 > got &
sleep 0.3
printf ab | nc -u -q 0 -w 1 127.0.0.1 5300
sleep 2
cat got; echo
