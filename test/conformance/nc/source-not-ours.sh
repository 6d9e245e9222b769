nc -s 9.9.9.9 -v -z 127.0.0.1 81
echo "status $?"
