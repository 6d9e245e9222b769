curl -sSv http://8.8.8.8/ 2>&1 | sed -E "s/after [0-9]+ ms/after T ms/"
