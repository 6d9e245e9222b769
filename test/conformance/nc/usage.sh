nc
echo "status $?"
nc -Q 1 2
echo "status $?"
nc -l
echo "status $?"
