# Buckets get longer by two places, and shorter again
ipset create h hash:ip hashsize 64 initval 7
size() { ipset -t list h | sed -n 's/Size in memory: //p'; }
for i in $(seq 250); do ipset add h 10.0.0.$i; [ $((i % 25)) = 0 ] && size; done
ipset list h | tail -n +9 | head -20
for i in $(seq 220); do ipset del h 10.0.0.$i; [ $((i % 20)) = 0 ] && size; done
ipset add h 10.0.1.1; ipset add h 10.0.1.2; ipset list h | tail -n +9
for i in $(seq 1000); do ipset -exist add h 10.0.$((i % 4 + 2)).$((i % 250)); done; size
ipset create big hash:ip hashsize 20000 initval 7; ipset -t list big | sed -n 4,5p
ipset create b hash:ip hashsize 64 bucketsize 2 initval 7
for i in $(seq 200); do ipset add b 10.0.0.$i; done; ipset list b | sed -n '4,5p;9,30p'
