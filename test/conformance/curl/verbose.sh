serve() { printf "$1" | nc -l -N 8080 > request; }
serve 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nServer: x\r\n\r\nhello\n' &
sleep 0.3
curl -sv http://127.0.0.1:8080/ </dev/null 2>&1
echo "status $?"
wait
