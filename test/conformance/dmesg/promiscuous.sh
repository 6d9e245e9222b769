# needs log
# who asks for every frame is told to the log: once a device, however many ask
said() { dmesg -t | grep promiscuous; echo "$1: $(dmesg -r | grep -c '^<6>.*promiscuous')"; dmesg -C; }
dmesg -C
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
timeout 0.5 tcpdump -i v0 >/dev/null 2>&1; said "tcpdump"
timeout 0.5 tcpdump -pi v0 >/dev/null 2>&1; said "tcpdump -p"
ip link set v0 promisc on; timeout 0.5 tcpdump -i v0 >/dev/null 2>&1; said "both"
ip link set v0 promisc off; said "off"
ip link add br0 type bridge; ip link set v0 master br0; said "a port"
ip link set v0 promisc on; ip link set v0 promisc off; said "a port is already"
ip link set v0 nomaster; said "no port"
ip link set v0 master br0; dmesg -C; ip link del br0; said "no bridge"
