sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link show nosuch; echo $?
ip link set nosuch up; echo $?
ip link del nosuch; echo $?
ip link add v0 type nosuch; echo $?
ip link add v0 type veth peer name v1; ip link add v0 type veth peer name v2; echo $?
ip link set v0 mtu 10; echo $?
ip link set v0 mtu 70000; echo $?
ip link set v0 address zz; echo $?
ip link set v0 bogus; echo $?
ip link add averyveryverylongname type veth; echo $?
ip link set v0 netns nosuch; echo $?
ip link del lo; echo $?
ip link bogus; echo $?
ip link set v0 address 01:00:00:00:00:00; echo $?
