curl -sS --interface 1.2.3.4 http://127.0.0.1:81/
echo "status $?"
curl -sS --interface nodev http://127.0.0.1:81/
echo "status $?"
