nc -v 127.0.0.1 81
echo "status $?"
nc 127.0.0.1 81
echo "status $?"
