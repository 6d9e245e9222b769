serve() { printf "$1" | nc -l -N 8080 > request; }
serve 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nServer: x\r\n\r\nhello\n' &
sleep 0.3
curl -s -o /dev/null -w '%{http_code} %{remote_ip} %{remote_port} %{size_download} %{url_effective} %{method} %{num_connects} %{exitcode}\n' http://127.0.0.1:8080 </dev/null 2>&1
echo "status $?"
wait
