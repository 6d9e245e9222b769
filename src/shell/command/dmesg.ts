import type { Process, Run } from "../../host/process.ts";
import type { KernelMessage } from "../../net/kernel.ts";
import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { getopt, type Parsed } from "../lib/options.ts";

const LEVELS = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
const TRY = "Try 'dmesg --help' for more information.\n";

/** `[   12.000345] `: what stands before a line of the log. */
class Stamps {
  p: Process;
  options: Parsed;
  previous: number | null = null;

  constructor(p: Process, options: Parsed) {
    this.p = p;
    this.options = options;
  }

  line(message: KernelMessage): string {
    const { options } = this;
    const micros = Math.floor(message.at / 1000);
    const gap = this.previous === null ? 0 : micros - this.previous;
    this.previous = micros;
    if (options.has("r"))
      return `<${message.level}>[${seconds(micros).padStart(12)}] ${message.text}\n`;
    let text = options.has("x") ? `kern  :${(LEVELS[message.level] ?? "").padEnd(6)}: ` : "";
    const date = new Date(this.p.sim.epoch + micros / 1000);
    if (options.has("t")) return `${text}${message.text}\n`;
    if (options.has("T")) text += `[${formatDate("%a %b %e %H:%M:%S %Y", date)}] `;
    else if (options.has("e", "H")) text += `[${`+${seconds(gap)}`.padStart(11)}] `;
    else if (options.has("d"))
      text += `[${seconds(micros).padStart(12)} <${seconds(gap).padStart(12)}>] `;
    else text += `[${seconds(micros).padStart(12)}] `;
    return `${text}${message.text}\n`;
  }
}

function seconds(micros: number): string {
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`;
}

/** `-l err,warn`: the numbers, or the word that is no level. */
function wantedLevels(options: Parsed): Set<number> | string {
  const wanted = new Set<number>();
  for (const word of options.all("l").join(",").split(",").filter(Boolean)) {
    const level = LEVELS.indexOf(word);
    if (level < 0) return word;
    wanted.add(level);
  }
  return wanted;
}

export const dmesg: Command = {
  name: "dmesg",
  summary: "print or control the kernel ring buffer",
  group: "system",
  man: `dmesg [-w] [-T | -t | -e | -d | -r] [-x] [-l LEVEL,...] [-c | -C]

Print the kernel's log: what the LOG and TRACE targets of iptables say among other things.
  -w wait for new lines   -W only new lines   -T times of day   -t no times   -d, -e time since the last
  -x facility and level   -r raw   -l err,warn,... only these levels   -c print, then clear   -C clear

  iptables -t raw -A PREROUTING -p icmp -j TRACE; dmesg -w`,
  *run(p, argv) {
    const options = getopt(argv, "CcDdEeF:f:HhJkL:l:n:PprSs:TtuVwWx", {
      clear: "C",
      "read-clear": "c",
      "console-off": "D",
      "show-delta": "d",
      "console-on": "E",
      reltime: "e",
      "facility=": "f",
      human: "H",
      kernel: "k",
      "color=?": "L",
      "level=": "l",
      "console-level=": "n",
      nopager: "P",
      "force-prefix": "p",
      raw: "r",
      ctime: "T",
      notime: "t",
      userspace: "u",
      version: "V",
      follow: "w",
      "follow-new": "W",
      decode: "x",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    if (options.has("V")) {
      yield* p.out("dmesg from util-linux 2.38.1\n");
      return 0;
    }
    if (options.has("r") && options.has("x")) {
      yield* p.err("dmesg: mutually exclusive arguments: --raw --decode\n");
      return 1;
    }
    if (options.operands.length) {
      yield* p.err(`dmesg: bad usage\n${TRY}`);
      return 1;
    }
    const levels = wantedLevels(options);
    if (typeof levels === "string") {
      yield* p.err(`dmesg: unknown level '${levels}'\n`);
      return 1;
    }
    return yield* show(p, options, levels);
  },
};

function* show(p: Process, options: Parsed, levels: Set<number>): Run {
  const { kernel } = p.machine;
  if (options.has("C")) {
    kernel.log = [];
    return 0;
  }
  if (options.has("n", "D", "E")) return 0;
  const stamps = new Stamps(p, options);
  let next = options.has("W") ? kernel.logged : kernel.logged - kernel.log.length;
  const follow = options.has("w", "W");
  for (;;) {
    const first = kernel.logged - kernel.log.length;
    const fresh = kernel.log.slice(Math.max(next - first, 0));
    next = kernel.logged;
    if (options.has("c")) kernel.log = [];
    let text = "";
    for (const message of fresh)
      if ((levels.size === 0 || levels.has(message.level)) && !options.has("u"))
        text += stamps.line(message);
    if (text) yield* p.out(text);
    if (!follow) return 0;
    if (kernel.logged === next) yield { on: [kernel.logging], until: Number.POSITIVE_INFINITY };
  }
}
