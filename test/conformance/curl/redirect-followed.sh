serve() { printf "$1" | nc -l -N 8080 > request; }
serve 'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:81/x\r\nContent-Length: 0\r\n\r\n' &
sleep 0.3
curl -sSvL http://127.0.0.1:8080 </dev/null 2>&1
echo "status $?"
wait
