sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
ip link add v0 type veth peer name v1
sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.default.accept_local=1 >/dev/null
ip link add w0 type veth peer name w1; sysctl net.ipv4.conf.w0.accept_local net.ipv4.conf.v0.accept_local
sysctl -qw net.ipv4.ip_forward=1; sysctl net.ipv4.conf.v0.forwarding net.ipv4.conf.all.forwarding net.ipv4.conf.default.forwarding
sysctl -qw net.ipv4.conf.v0.forwarding=0; sysctl net.ipv4.ip_forward; ip link set v0 name z0; sysctl net.ipv4.conf.z0.forwarding; sysctl net.ipv4.conf.v0.forwarding; echo $?
sysctl net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.icmp_ratelimit net.ipv4.tcp_syn_retries net.ipv4.fwmark_reflect
