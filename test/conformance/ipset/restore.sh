printf 'create r hash:ip initval 1\nadd r 1.1.1.1\nadd r 1.1.1.1\nadd r 2.2.2.2\n' > f
ipset restore < f; echo $?
ipset save
ipset restore -! < f; echo $?
ipset -! restore -f f; echo $?
ipset list r -t
printf 'foo\n' | ipset restore; echo $?
printf 'add nope 1.1.1.1\n' | ipset restore; echo $?
printf '# comment\n\nflush r\nadd r 3.3.3.3\nCOMMIT\n' | ipset restore; echo $?
ipset save
