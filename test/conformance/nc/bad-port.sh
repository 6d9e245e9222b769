nc 127.0.0.1 x
echo "status $?"
nc 127.0.0.1 99999
echo "status $?"
