tcpdump -i nosuch; echo $?
tcpdump -r nosuch; echo $?
tcpdump -i lo 'bogus'; echo $?
tcpdump -i lo 'host'; echo $?
tcpdump -i lo 'port 80 and'; echo $?
tcpdump -i lo 'port 99999'; echo $?
tcpdump -i lo 'net 10.0.0.1/8'; echo $?
