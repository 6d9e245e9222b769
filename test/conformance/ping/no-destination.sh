ping
echo "status $?"
