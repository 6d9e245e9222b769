import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { type FuzzState, type Outcome, PORTS, peerMac, routerMac, textOf } from "./state.ts";

const TOOLS = "python3 ip ipset iptables-legacy-restore iptables-legacy-save conntrack sysctl";

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

/** This machine's kernel, in a process that is asked state after state. */
export class LiveKernel {
  child: ChildProcess;
  lines: Interface;
  waiting: ((line: string) => void)[] = [];

  constructor() {
    this.child = spawn("python3", [join(import.meta.dirname, "live.py")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.lines.on("line", (line) => this.waiting.shift()?.(line));
    this.child.on("exit", () => {
      for (const answer of this.waiting.splice(0)) answer('{"failed":"it ended"}');
    });
  }

  /** What the kernel makes of a state. Several may be asked at once; they are answered in order. */
  async judge(state: FuzzState): Promise<Outcome> {
    const ports = Array.from({ length: PORTS }, (_, port) => [routerMac(port), peerMac(port)]);
    const question = {
      ports,
      sysctl: state.sysctl,
      ip: textOf(state.ip),
      ipset: textOf(state.ipset),
      iptables: textOf(state.iptables),
      tuning: state.tuning,
      packets: state.packets,
    };
    const line = await new Promise<string>((resolve) => {
      this.waiting.push(resolve);
      this.child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
    const answer = JSON.parse(line);
    if (answer.failed) throw new Error(`the real kernel's side failed: ${answer.failed}`);
    return answer;
  }

  /** The types of sets that it has not. */
  async lacking(types: readonly string[]): Promise<Set<string>> {
    const nothing = { sysctl: [], ip: [], ipset: [], iptables: [], tuning: [], packets: [] };
    const asked = types.map((type) => {
      const range = type === "bitmap:port" ? " range 0-9" : " range 10.0.0.0/24";
      return this.judge({
        ...nothing,
        seed: "",
        ipset: [`create s ${type}${type.startsWith("bitmap:") ? range : ""}`],
      });
    });
    const answers = await Promise.all(asked);
    return new Set(types.filter((_, i) => !answers[i]?.loads.ipset.includes("# status 0")));
  }

  end(): void {
    this.child.stdin?.end();
  }
}
