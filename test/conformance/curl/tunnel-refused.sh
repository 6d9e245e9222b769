serve() { printf "$1" | nc -l -N 8080 > request; }
serve 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n' &
sleep 0.3
curl -sSvp -x 127.0.0.1:8080 http://10.9.9.9/ </dev/null 2>&1
echo "status $?"
wait
