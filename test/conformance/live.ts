import { spawn, spawnSync } from "node:child_process";
import { release } from "node:os";
import { needsOf, scriptOf, scriptPath, withStatus } from "./suite.ts";

const TOOLS =
  "unshare bash iptables-legacy ipset ip tc bridge tcpdump curl conntrack ping arping nc ss sysctl openssl";

/** Why the real kernel cannot be asked here; "" when it can. */
export function whyNotLive(): string {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "only root may make network namespaces";
  const found = spawnSync(
    "sh",
    ["-c", `for t in ${TOOLS}; do command -v $t >&2 || echo $t; done`],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const missing = found.stdout.trim().split("\n").filter(Boolean);
  return missing.length ? `there is no ${missing.join(", no ")}` : "";
}

/** "Linux 6.18": what a recording's first line names. */
export function kernelName(version = release()): string {
  return `Linux ${version.trim().split(".").slice(0, 2).join(".")}`;
}

/** Fresh namespaces, the legacy iptables first on PATH, an empty folder: then the command in "$@". */
const ROOM = `
mkdir -p /run/netns && mount -t tmpfs none /run/netns
mount -t sysfs sys /sys 2>/dev/null
ip link set lo up
cd "$(mktemp -d)" && mkdir .bin
for n in iptables iptables-save iptables-restore; do
  ln -s "$(command -v "$(echo $n | sed s/tables/tables-legacy/)")" .bin/$n
done
PATH=$PWD/.bin:$PATH
exec "$@"`;

/** What is still running when the command ends dies with its PID namespace. */
const UNSHARE = [
  "--net",
  "--mount",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
  "--propagation",
  "private",
];

function room(command: string[], env: Record<string, string>, seconds: number) {
  return {
    args: [...UNSHARE, "sh", "-c", ROOM, "sh", ...command],
    options: {
      timeout: seconds * 1000,
      killSignal: "SIGKILL",
      env: { ...process.env, LC_ALL: "C.UTF-8", ...env },
    } as const,
  };
}

/** Run a command there; after `seconds` it is killed. */
export function inRoom(command: string[], env: Record<string, string> = {}, seconds = 60) {
  const { args, options } = room(command, env, seconds);
  return spawnSync("unshare", args, {
    ...options,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** How a machine shows that it has something, where `ip link add` alone does not tell. */
const PROBES: Record<string, string> = {
  socat: "command -v socat",
  geneve: "ip link add probe type geneve id 1 remote 10.0.0.1",
  vxlan: "ip link add probe type vxlan id 1 remote 10.0.0.1 dstport 4789",
  vlan: "ip link add v0 type veth peer name v1 && ip link add link v0 name probe type vlan id 5",
  netem: "tc qdisc add dev lo root netem delay 1ms",
  // Only the first namespace's packets get into the kernel's log.
  log: "iptables -A OUTPUT -j LOG --log-prefix probe- && ping -c 1 127.0.0.1 && dmesg | grep probe-",
  br_netfilter: "test -e /proc/sys/net/bridge/bridge-nf-call-iptables",
  dig: "command -v dig",
  vlan_filtering: "ip link add probe type bridge vlan_filtering 1",
};

const known = new Map<string, boolean>();

/** What a script needs and this machine has not. */
export function lacking(name: string): string[] {
  return needsOf(scriptOf(name)).filter((type) => {
    if (!known.has(type)) {
      const create = type.includes(":") ? "ipset create probe" : "ip link add probe type";
      const probe = inRoom(["sh", "-c", PROBES[type] ?? `${create} ${type}`]);
      known.set(type, probe.status === 0);
    }
    return !known.get(type);
  });
}

/** Run a case on this machine's kernel, as `bash script.sh`, output and errors in one stream. */
function runLive(name: string): Promise<string> {
  const script =
    'cp "$1" script.sh && bash script.sh </dev/null >.out 2>&1; s=$?; cat .out; exit $s';
  const { args, options } = room(["sh", "-c", script, "sh", scriptPath(name)], {}, 60);
  const child = spawn("unshare", args, { ...options, stdio: ["ignore", "pipe", "ignore"] });
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve(withStatus(output, status ?? -1)));
  });
}

/** Scripts mostly sleep: so many run side by side, each in namespaces of its own. */
const AT_ONCE = 4;

/** What each case prints on this machine's kernel; they are begun in the order in which they are asked for. */
export class LiveRuns {
  waiting: (() => void)[] = [];
  running = 0;
  answers: Map<string, Promise<string>>;

  constructor(names: readonly string[]) {
    this.answers = new Map(names.map((name) => [name, this.run(name)]));
  }

  async run(name: string): Promise<string> {
    if (this.running >= AT_ONCE) await new Promise<void>((go) => this.waiting.push(go));
    this.running++;
    try {
      return await runLive(name);
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}

/** Run a case elsewhere: `program SCRIPT` prints what the script prints and exits as it does. */
export function runWith(program: string, path: string): { output: string; status: number } {
  const ran = spawnSync("sh", ["-c", '"$1" "$2" 2>&1', "sh", program, path], { encoding: "utf8" });
  return { output: ran.stdout, status: ran.status ?? -1 };
}
