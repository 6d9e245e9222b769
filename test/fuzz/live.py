"""
The real kernel's side of the fuzzer: states in, what became of them out, a JSON line each.

For each state a child makes two network namespaces: the router, which the state configures, and the
outside, which holds the other ends of its cables. A frame is put on a cable with a packet socket;
pinned to one CPU, the kernel has done everything with it (the softirq runs when the send ends)
before the next is sent, so what the other ends then hold belongs to it. Nothing waits.
"""

import ctypes
import errno
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17
PACKET_OUTGOING = 4

libc = ctypes.CDLL(None, use_errno=True)


def unshare():
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def write(path, value):
    """Not what is so already: a value that was set stands, whatever becomes of the default."""
    try:
        with open("/proc/sys/net/" + path, "r+") as file:
            if file.read().strip() != value:
                file.seek(0)
                file.write(value)
    except OSError:
        pass


def defaults():
    """What a namespace inherits from its host is no accident that we want."""
    write("ipv6/conf/all/disable_ipv6", "1")
    write("ipv6/conf/default/disable_ipv6", "1")
    for name, value in {"rp_filter": 0, "accept_redirects": 1, "send_redirects": 1, "accept_local": 0,
                        "route_localnet": 0, "log_martians": 0, "forwarding": 0, "shared_media": 1,
                        "secure_redirects": 1, "accept_source_route": 0, "proxy_arp": 0, "arp_ignore": 0,
                        "arp_announce": 0, "arp_filter": 0, "src_valid_mark": 0}.items():
        for scope in ("all", "default"):
            write(f"ipv4/conf/{scope}/{name}", str(value))


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return done


def load(command, text):
    done = run(command, text)
    return f"{done.stdout}{done.stderr}# status {done.returncode}\n"


def checksums_in_software(device):
    """What leaves a device is complete, as on a real cable."""
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP8x", device.encode(), ctypes.addressof(value))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)


def drain(sockets):
    """What has left the router since the last time, in the order of the ports."""
    frames = []
    for port, sock in enumerate(sockets):
        while True:
            try:
                data, address = sock.recvfrom(65536)
            except BlockingIOError:
                break
            if address[2] != PACKET_OUTGOING:
                frames.append({"port": port, "hex": data.hex()})
    return frames


def judge(state):
    ports = state["ports"]
    outside = unshare()
    defaults()
    router = unshare()
    defaults()
    cables = ["link set lo up"]
    for port, (ours, theirs) in enumerate(ports):
        cables.append(
            f"link add eth{port} address {ours} type veth"
            f" peer name p{port} address {theirs} netns /proc/{os.getpid()}/fd/{outside}")
    cables += [f"link set eth{port} up" for port in range(len(ports))]
    made = run(["ip", "-batch", "-"], "\n".join(cables) + "\n")
    if made.returncode != 0:
        raise RuntimeError(made.stderr)
    for port in range(len(ports)):
        checksums_in_software(f"eth{port}")
    enter(outside)
    run(["ip", "-batch", "-"], "".join(f"link set p{port} up\n" for port in range(len(ports))))
    sockets = []
    for port in range(len(ports)):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL))
        sock.bind((f"p{port}", ETH_P_ALL))
        sockets.append(sock)
    enter(router)
    loads = {}
    loads["sysctl"] = load(["sysctl", "-q", "-w", *state["sysctl"]], None) if state["sysctl"] else ""
    loads["ip"] = load(["ip", "-force", "-batch", "-"], state["ip"]) if state["ip"] else ""
    loads["ipset"] = load(["ipset", "restore"], state["ipset"]) if state["ipset"] else ""
    loads["iptables"] = load(["iptables-legacy-restore"], state["iptables"]) if state["iptables"] else ""
    loads["tuning"] = load(["sysctl", "-q", "-w", *state["tuning"]], None) if state["tuning"] else ""
    drain(sockets)
    frames = []
    for packet in state["packets"]:
        try:
            sockets[packet["port"]].send(bytes.fromhex(packet["hex"]))
        except OSError as error:
            if error.errno == errno.ENOBUFS:  # too large for the other end
                frames.append([])
                continue
            frames.append([{"port": -1, "hex": error.strerror}])
            continue
        frames.append(drain(sockets))
    rules = run(["iptables-legacy-save", "-c"]).stdout
    entries = run(["conntrack", "-L"]).stdout
    sets = run(["ipset", "save"]).stdout
    return {"loads": loads, "frames": frames, "rules": rules, "conntrack": entries, "sets": sets}


def answer(state):
    """In a process of its own: the namespaces go with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            result = judge(state)
        except Exception as error:  # pylint: disable=broad-except
            result = {"failed": f"{type(error).__name__}: {error}"}
        with os.fdopen(writer, "w") as out:
            json.dump(result, out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        result = file.read()
    os.waitpid(child, 0)
    return result


def main():
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[-1]})
    os.environ["LC_ALL"] = "C.UTF-8"
    for line in sys.stdin:
        print(answer(json.loads(line)), flush=True)


main()
