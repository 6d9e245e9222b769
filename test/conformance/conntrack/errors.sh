conntrack -X; echo $?
conntrack -L -p nosuch; echo $?
conntrack -D -s 10.9.9.9; echo $?
conntrack -L -s zz; echo $?
conntrack -F; echo $?
