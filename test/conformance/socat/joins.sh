# needs socat
socat -u SYSTEM:'echo from a program; sleep 0.1' -
echo through | socat - SYSTEM:cat
socat TCP-LISTEN:80,reuseaddr,fork SYSTEM:'read x; echo got $x at $SOCAT_SOCKADDR port $SOCAT_SOCKPORT from $SOCAT_PEERADDR' & proxy=$!
sleep 0.3; for i in 1 2; do echo try$i | nc -N 127.0.0.1 80; done
socat TCP-LISTEN:90,reuseaddr TCP:127.0.0.1:80 & sleep 0.3; echo twice | nc -N 127.0.0.1 90
kill $proxy; wait; echo x | nc -N 127.0.0.1 80; echo $?
echo hello | socat - TCP-LISTEN:80,reuseaddr & sleep 0.3; nc -d -w 1 127.0.0.1 80; wait
# bound to an address that is not ours
socat - TCP-LISTEN:80,bind=10.9.9.9,transparent </dev/null & sleep 0.3; ss -ltn | awk 'NR > 1 {print $1, $4}'; kill $!
