import type { FileSystem } from "./fs.ts";
import type { Machine } from "./machine.ts";
import { ProcFs } from "./procfs.ts";
import { SysClassNet } from "./sysfs.ts";

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
istio-proxy:x:1337:1337::/home/istio-proxy:/bin/bash
`;

const GROUP = `root:x:0:
daemon:x:1:
www-data:x:33:
nogroup:x:65534:
istio-proxy:x:1337:
`;

/** The files that a fresh Debian 12 has, as far as somebody may look. */
export function makeSkeleton(fs: FileSystem, machine: Machine): void {
  for (const dir of [
    "/dev/pts",
    "/etc/iproute2",
    "/home",
    "/mnt",
    "/opt",
    "/root",
    "/run/netns",
    "/srv",
    "/sys/class",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/share",
    "/var/lib",
    "/var/log",
    "/var/tmp",
  ])
    fs.mkdirp(dir);
  fs.mkdir("/tmp", 0o1777);
  fs.chmod("/var/tmp", 0o1777);
  fs.chmod("/root", 0o700);
  fs.symlink("usr/bin", "/bin");
  fs.symlink("usr/sbin", "/sbin");
  fs.symlink("usr/lib", "/lib");
  fs.symlink("/run", "/var/run");
  for (const which of ["null", "zero", "full", "urandom", "tty"]) fs.device(`/dev/${which}`, which);
  fs.device("/dev/random", "urandom");
  fs.device("/dev/stdin", "fd0");
  fs.device("/dev/stdout", "fd1");
  fs.device("/dev/stderr", "fd2");
  fs.writeFile("/etc/hostname", `${machine.hostname}\n`);
  fs.writeFile(
    "/etc/hosts",
    `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t${machine.hostname}\n`,
  );
  fs.writeFile("/etc/resolv.conf", "");
  fs.writeFile("/etc/os-release", OS_RELEASE);
  fs.writeFile("/etc/debian_version", "12.9\n");
  fs.writeFile("/etc/passwd", PASSWD);
  fs.writeFile("/etc/group", GROUP);
  fs.writeFile("/etc/protocols", "ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\n");
  fs.mount("/proc", new ProcFs(machine));
  fs.mount("/sys/class/net", new SysClassNet(machine));
}
