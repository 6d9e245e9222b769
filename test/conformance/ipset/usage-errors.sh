for c in "" foo add "add r" "list a b" "create" "save nope" "list -o" "-q add nope 1"; do ipset $c; echo "[$c] $?"; done
ipset -v
ipset -N q iphash -!; ipset -A q 1.1.1.1; ipset -T q 1.1.1.1; ipset -D q 1.1.1.1; ipset -X q; echo $?
