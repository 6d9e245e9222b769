curl -s http://127.0.0.1:81/
echo "status $?"
curl -sSv http://127.0.0.1:81/ 2>&1 | sed -E "s/after [0-9]+ ms/after T ms/"
curl http://127.0.0.1:81/ 2>&1 | tr "\r" "\n" | sed -E "s/after [0-9]+ ms/after T ms/"
