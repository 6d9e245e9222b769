# needs vlan
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; sleep 0.5
ip link add link v0 name v0.5 type vlan id 5; ip link add link v0 name x type vlan id 5; ip link add link v0 name x type vlan id 4096; ip link add link v0 name x type vlan
ip link add name x type vlan id 3; ip link add link nothere name x type vlan id 3; ip link add link lo name x type vlan id 3; ip link add link v0 name x type vlan id 4095
ip link add link v0 name x type vlan id abc; ip link add link v0 name x type vlan id 7 foo; echo $?; ip link add link v0 name v0.5 type vlan id 8; echo $?
ip link set v0.5 mtu 1501; ip link set v0.5 mtu 1400; ip link set v0 mtu 1300; ip link show v0.5 | grep -o 'mtu [0-9]*'; ip link set v0 mtu 1500; ip link show v0.5 | grep -o 'mtu [0-9]*'
ip -d link show v0.5 | grep -o 'vlan protocol.*> '; ip link add link v0 name o type vlan id 9 protocol 802.1ad reorder_hdr off loose_binding on; ip -d link show o | grep -o 'vlan protocol.*addrgen'; ip -j -d link show o | grep -o '"linkinfo":{[^}]*}'
