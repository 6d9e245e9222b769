# each with its own complaint
conntrack -L -p foo; conntrack -L --sport 5; conntrack -L -p udp --state ESTABLISHED; conntrack -L -u FOO; conntrack -E -e FOO
conntrack -L -o foo; conntrack -L foo; conntrack -L -D; conntrack -L -s; conntrack -s 1.1.1.1; conntrack -L -Z; echo $?
conntrack -L expect; conntrack -L dying; conntrack -L unconfirmed; conntrack -C; conntrack -F; conntrack -V
