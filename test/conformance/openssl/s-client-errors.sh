openssl s_client -foo
echo $?
openssl s_client -connect
echo $?
ip link set lo up
openssl s_client -connect 127.0.0.1:4433 < /dev/null 2>&1 | sed 's/^[0-9A-F]*:error/T:error/'
{ printf 'HTTP/1.1 400 Bad Request\r\n\r\n'; sleep 1; } | nc -l 127.0.0.1 4434 > /dev/null &
sleep 0.2
openssl s_client -connect 127.0.0.1:4434 < /dev/null 2>/dev/null | sed 's/[0-9]* bytes/N bytes/g'
