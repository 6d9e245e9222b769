# needs socat
exec 2>&1
log() { sed -E 's/^[0-9/]+ [0-9:]+ socat\[[0-9]+\]/T socat/'; }
for words in "" "-" "- FOO:1" "- TCP-LISTEN" "- TCP:127.0.0.1" "-Z - -" "- TCP-LISTEN:80,foo" "- TCP:127.0.0.1:81" "- TCP:127.0.0.1:81,bind=10.9.9.9" "- TCP-LISTEN:80,bind=10.9.9.9" "- TCP-LISTEN:x"; do
  socat $words </dev/null 2>err; echo "$? $(log <err)"
done
nc -l 80 </dev/null >/dev/null & sleep 0.3; socat - TCP-LISTEN:80 </dev/null 2>&1 | log; kill $!
