serve() { printf "$1" | nc -l -N 8080 > request; }
serve '' &
sleep 0.3
curl -sS http://127.0.0.1:8080 </dev/null 2>&1
echo "status $?"
wait
