ip netns add a; ip netns add a; echo $?
ip netns del nosuch; echo $?
ip netns exec nosuch true; echo $?
ip netns exec a nosuchcommand; echo $?
ip -n nosuch link; echo $?
ip netns; ip netns list; ip netns del a; ip netns
ip netns exec; echo $?
