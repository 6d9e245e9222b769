import { fromUtf8 } from "../../base/text.ts";
import type { Process } from "../../host/process.ts";
import { SEC } from "../../sim/sim.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { getopt } from "../lib/options.ts";

/** Who and where am I: hostname, uname, whoami, id, groups, nproc, uptime, tty, arch. */

function nameOf(p: Process, file: string, id: number): string | null {
  for (const line of fromUtf8(p.machine.fs.readFile(file)).split("\n")) {
    const fields = line.split(":");
    if (fields[2] === String(id)) return fields[0] ?? null;
  }
  return null;
}

export function userName(p: Process, uid: number): string {
  return nameOf(p, "/etc/passwd", uid) ?? String(uid);
}

export function groupName(p: Process, gid: number): string {
  return nameOf(p, "/etc/group", gid) ?? String(gid);
}

const hostname: Command = {
  name: "hostname",
  summary: "show or set the system's host name",
  group: "system",
  man: `hostname [-s|-f|-i|-I] [NAME]

Show the host's name, or set it.
  -s short   -f with domain   -I all addresses`,
  *run(p, argv) {
    const word = argv[1];
    const { hostname: name } = p.machine;
    if (word === undefined || word === "-f" || word === "--fqdn") yield* p.out(`${name}\n`);
    else if (word === "-s") yield* p.out(`${name.split(".")[0]}\n`);
    else if (word === "-I" || word === "-i") {
      const addresses: string[] = [];
      const hosts = fromUtf8(p.machine.fs.readFile("/etc/hosts"));
      if (word === "-i") {
        const line = hosts.split("\n").find((one) => one.split(/\s+/).slice(1).includes(name));
        if (line) addresses.push(line.split(/\s+/)[0] as string);
      } else
        for (const device of p.netns.devices.values())
          for (const address of device.addresses)
            if (address.scope !== 254) addresses.push(formatIpv4(address.local));
      yield* p.out(`${addresses.join(" ")}${word === "-I" ? " " : ""}\n`);
    } else if (word.startsWith("-")) {
      yield* p.err(`hostname: invalid option -- '${word.replace(/^-+/, "")[0]}'\n`);
      return 255;
    } else p.machine.hostname = word;
    return 0;
  },
};

const uname: Command = {
  name: "uname",
  summary: "print system information",
  group: "system",
  man: `uname [OPTION]...

  -s kernel (default)   -n host name   -r release   -v version   -m machine   -o system   -a all`,
  *run(p, argv) {
    const options = getopt(argv, "asnrvmpio", {
      all: "a",
      "kernel-name": "s",
      nodename: "n",
      "kernel-release": "r",
      "kernel-version": "v",
      machine: "m",
      "operating-system": "o",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const parts: [string, string][] = [
      ["s", "Linux"],
      ["n", p.machine.hostname],
      ["r", p.machine.kernel.release],
      ["v", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.128-1 (2025-02-07)"],
      ["m", "x86_64"],
      ["o", "GNU/Linux"],
    ];
    const all = options.has("a");
    const wanted = parts.filter(([letter]) =>
      all || options.list.length ? all || options.has(letter) : letter === "s",
    );
    if (!all && options.has("p")) wanted.push(["p", "unknown"]);
    if (!all && options.has("i")) wanted.push(["i", "unknown"]);
    yield* p.out(`${wanted.map(([, text]) => text).join(" ")}\n`);
    return 0;
  },
};

const whoami: Command = {
  name: "whoami",
  summary: "print effective user name",
  group: "system",
  man: "whoami\n\nPrint the name of the user.",
  *run(p) {
    yield* p.out(`${userName(p, p.uid)}\n`);
    return 0;
  },
};

const id: Command = {
  name: "id",
  summary: "print real and effective user and group IDs",
  group: "system",
  man: `id [OPTION] [USER]

  -u user number   -g group number   -n the name instead   -G all groups`,
  *run(p, argv) {
    const options = getopt(argv, "ugGnr", { user: "u", group: "g", groups: "G", name: "n" });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    let { uid, gid } = p;
    const [user] = options.operands;
    if (user !== undefined) {
      const entry = fromUtf8(p.machine.fs.readFile("/etc/passwd"))
        .split("\n")
        .map((line) => line.split(":"))
        .find((fields) => fields[0] === user || fields[2] === user);
      if (!entry) {
        yield* p.err(`id: ‘${user}’: no such user\n`);
        return 1;
      }
      uid = Number(entry[2]);
      gid = Number(entry[3]);
    }
    const named = options.has("n");
    if (options.has("u")) yield* p.out(`${named ? userName(p, uid) : uid}\n`);
    else if (options.has("g", "G")) yield* p.out(`${named ? groupName(p, gid) : gid}\n`);
    else {
      const group = `${gid}(${groupName(p, gid)})`;
      yield* p.out(`uid=${uid}(${userName(p, uid)}) gid=${group} groups=${group}\n`);
    }
    return 0;
  },
};

const groups: Command = {
  name: "groups",
  summary: "print the groups a user is in",
  group: "system",
  man: "groups\n\nPrint the names of the user's groups.",
  *run(p) {
    yield* p.out(`${groupName(p, p.gid)}\n`);
    return 0;
  },
};

const nproc: Command = {
  name: "nproc",
  summary: "print the number of processing units available",
  group: "system",
  man: "nproc\n\nPrint how many processors there are.",
  *run(p) {
    yield* p.out("1\n");
    return 0;
  },
};

const arch: Command = {
  name: "arch",
  summary: "print machine hardware name",
  group: "system",
  man: "arch\n\nPrint the machine's architecture.",
  *run(p) {
    yield* p.out("x86_64\n");
    return 0;
  },
};

const uptime: Command = {
  name: "uptime",
  summary: "tell how long the system has been running",
  group: "system",
  man: "uptime [-p|-s]\n\nPrint the time, how long the machine is up, and its load.",
  *run(p, argv) {
    const { sim } = p;
    const minutes = Math.floor(sim.now / SEC / 60);
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    if (argv[1] === "-s") {
      yield* p.out(`${formatDate("%F %T", new Date(sim.epoch))}\n`);
      return 0;
    }
    if (argv[1] === "-p") {
      const parts = [
        hours ? `${hours} hour${hours > 1 ? "s" : ""}` : "",
        `${rest} minute${rest === 1 ? "" : "s"}`,
      ];
      yield* p.out(`up ${parts.filter((part) => part !== "").join(", ")}\n`);
      return 0;
    }
    const up = hours
      ? `${String(hours).padStart(2)}:${String(rest).padStart(2, "0")}`
      : `${rest} min`;
    const ttys = new Set(
      [...p.machine.processes.values()].map((one) => one.tty).filter((tty) => tty),
    );
    const users = `${ttys.size} user${ttys.size === 1 ? "" : "s"}`;
    const time = formatDate("%T", new Date(sim.epoch + sim.now / 1e6));
    yield* p.out(` ${time} up ${up},  ${users},  load average: 0.00, 0.00, 0.00\n`);
    return 0;
  },
};

const tty: Command = {
  name: "tty",
  summary: "print the file name of the terminal connected to standard input",
  group: "system",
  man: "tty [-s]\n\nPrint the terminal's name; status 1 when standard input is none.",
  *run(p, argv) {
    const silent = argv[1] === "-s";
    if (!p.isTty(0)) {
      if (!silent) yield* p.out("not a tty\n");
      return 1;
    }
    if (!silent) yield* p.out(`/dev/${p.tty?.name ?? "pts/0"}\n`);
    return 0;
  },
};

const free: Command = {
  name: "free",
  summary: "display amount of free and used memory in the system",
  group: "system",
  man: "free [-m]\n\nPrint the machine's memory.",
  *run(p, argv) {
    const unit = argv.includes("-m") ? 1024 : 1;
    const row = (name: string, values: number[]) =>
      `${name.padEnd(8)}${values.map((value, i) => String(Math.floor(value / unit)).padStart(i === 0 ? 11 : 12)).join("")}\n`;
    yield* p.out(
      `               total        used        free      shared  buff/cache   available\n${row("Mem:", [2097152, 262144, 1572864, 8192, 262144, 1835008])}${row("Swap:", [0, 0, 0])}`,
    );
    return 0;
  },
};

export const identity: readonly Command[] = [
  arch,
  free,
  groups,
  hostname,
  id,
  nproc,
  tty,
  uname,
  uptime,
  whoami,
];
