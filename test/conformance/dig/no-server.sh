# needs dig
dig @10.9.9.9 a.b; echo $?
dig @10.9.9.9 +tries=1 +short a.b; echo $?
dig @127.0.0.1 a.b +tries=1 | grep -v DiG; echo $?
dig a.b @127.0.0.1 +tries=1 | grep -v DiG
dig @127.0.0.1 -x 1.2.3.4 | grep -v DiG
