ss -tn state foo
echo "status $?"
