(nc -l 80 </dev/null >/dev/null) &
sleep 0.3
echo x | nc -N -p 40000 127.0.0.1 80
sleep 0.2
ss -tan
ss -tn state time-wait
