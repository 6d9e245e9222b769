serve() { printf "$1" | nc -l -N 8080 > request; }
serve 'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nno!\n' &
sleep 0.3
curl -sSf http://127.0.0.1:8080 </dev/null 2>&1
echo "status $?"
wait
