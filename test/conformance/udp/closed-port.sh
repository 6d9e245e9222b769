nc -u -z -v 127.0.0.1 5353
echo "status $?"
