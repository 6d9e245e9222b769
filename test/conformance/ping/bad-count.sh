ping -c x 127.0.0.1
echo "status $?"
ping -c 0 127.0.0.1
echo "status $?"
