c() { echo "> $*"; ipset "$@"; local s=$?; [ $s = 0 ] || echo "status $s"; }
c n t hash:ip initval 1 -4 hashsize 64; c a t 10.0.1.1; c t t 10.0.1.1; c d t 10.0.1.1; c d t foo; c de t; c l -n; c --save; c des t; c new t iphash --initval 1 --maxelem 5; c s; c x
c -N u ipmap --from 5.0.0.9 --to 5.0.0.4; c -L -t u; c -X u; c -N u ipmap --from 2.1.0.1; c -N u ipmap --to 2.1.0.1; c create u bitmap:ip network 1.2.0.0/16 netmask 24; c sa; c x; c create u portmap --from 5 --to 9; c sav; c x
c create t hash:ip initval 1; c add t 0.0.0.0; c test t 0.0.0.0; c del t 0.0.0.0; c x t
c create foo hash:ip initval 1; c create bar hash:ip initval 1; c create l setlist; c add l foo; c add l bar,after,foo; c add l bar,before,foo; c test l bar,after,foo; c test l foo,before,bar; c test l bar before foo; c del l bar,before,foo; c del l bar,after,foo; c -n list
c foo; c ''; c create; c create a; c q; c v
