curl -sS http://nosuch.invalid/
echo "status $?"
