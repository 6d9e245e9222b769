curl
echo "status $?"
curl -Q
echo "status $?"
curl --nope http://x
echo "status $?"
curl -sS foo://x
echo "status $?"
