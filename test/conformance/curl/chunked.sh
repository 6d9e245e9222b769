serve() { printf "$1" | nc -l -N 8080 > request; }
serve 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nd\n\r\n0\r\n\r\n' &
sleep 0.3
curl -sv http://127.0.0.1:8080 </dev/null 2>&1
echo "status $?"
wait
