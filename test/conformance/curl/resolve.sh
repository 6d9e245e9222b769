curl -sSv --resolve foo:81:127.0.0.1 http://foo:81/ 2>&1 | sed -E "s/after [0-9]+ ms/after T ms/"
