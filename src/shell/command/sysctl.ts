import { SysError } from "../../base/errno.ts";
import { fromUtf8 } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { byLocale } from "../lib/locale.ts";
import { getopt, type Parsed } from "../lib/options.ts";

const ROOT = "/proc/sys/";

/** `net.ipv4.ip_forward` and `net/ipv4/ip_forward` are the same file; the first separator counts. */
function pathOf(key: string): string {
  const slash = key.indexOf("/");
  const dot = key.indexOf(".");
  if (slash >= 0 && (dot < 0 || slash < dot)) return ROOT + key;
  return ROOT + key.replace(/[./]/g, (c) => (c === "." ? "/" : "."));
}

function keyOf(path: string): string {
  return path.slice(ROOT.length).replace(/[./]/g, (c) => (c === "/" ? "." : "/"));
}

class Sysctl {
  p: Process;
  options: Parsed;
  status = 0;

  constructor(p: Process, options: Parsed) {
    this.p = p;
    this.options = options;
  }

  *show(path: string, value: string): Run<void> {
    const { p, options } = this;
    if (options.has("N")) yield* p.out(`${keyOf(path)}\n`);
    else if (options.has("b")) yield* p.out(value);
    else if (options.has("n")) yield* p.out(`${value}\n`);
    else
      yield* p.out(
        value
          .split("\n")
          .map((line) => `${keyOf(path)} = ${line}\n`)
          .join(""),
      );
  }

  *missing(path: string): Run<void> {
    if (this.options.has("e")) return;
    yield* this.p.err(`sysctl: cannot stat ${path}: No such file or directory\n`);
    this.status = 1;
  }

  *read(path: string): Run<void> {
    const { fs } = this.p.machine;
    const stat = fs.tryStat(path, this.p);
    if (!stat) yield* this.missing(path);
    else if (stat.kind === "directory") yield* this.all(path);
    else yield* this.show(path, fromUtf8(fs.readFile(path, this.p)).replace(/\n$/, ""));
  }

  *all(dir: string): Run<void> {
    const { fs } = this.p.machine;
    const base = dir.replace(/\/$/, "");
    for (const name of fs.readdir(base, this.p).sort(byLocale)) yield* this.read(`${base}/${name}`);
  }

  *write(key: string, value: string): Run<void> {
    const { p } = this;
    const path = pathOf(key);
    if (!p.machine.fs.exists(path, p)) {
      yield* this.missing(path);
      return;
    }
    try {
      p.machine.fs.writeFile(path, `${value}\n`, undefined, p);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* p.err(
        error.code === "EINVAL"
          ? `sysctl: setting key "${keyOf(path)}": ${error.message}\n`
          : `sysctl: ${error.code === "EACCES" ? "permission denied on key" : "setting key"} "${keyOf(path)}"${error.code === "EACCES" ? "" : `: ${error.message}`}\n`,
      );
      if (!this.options.has("e")) this.status = 1;
      return;
    }
    if (!this.options.has("q")) yield* this.show(path, value);
  }

  *load(name: string): Run<void> {
    const { p } = this;
    let text: string;
    try {
      text =
        name === "-"
          ? fromUtf8(yield* p.readAll(0))
          : fromUtf8(p.machine.fs.readFile(p.path(name), p));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* p.err(`sysctl: cannot open "${name}": ${error.message}\n`);
      this.status = 1;
      return;
    }
    for (const raw of text.split("\n")) {
      const line = raw.trim();
      if (line === "" || /^[#;]/.test(line)) continue;
      const match = /^(-?)\s*([^=\s]+)\s*=\s*(.*)$/.exec(line);
      if (match) yield* this.write(match[2] as string, match[3] as string);
      else yield* p.err(`sysctl: ${name}: invalid syntax, continuing...\n`);
    }
  }
}

export const sysctl: Command = {
  name: "sysctl",
  sbin: true,
  summary: "configure kernel parameters at runtime",
  group: "network",
  man: `sysctl [-n] [-q] [-e] [-w] KEY[=VALUE]...      sysctl -a      sysctl -p [FILE]

Read or set the kernel's switches, which are the files of /proc/sys.
  -n only values   -q say nothing   -e unknown keys are no error   -a all   -p from /etc/sysctl.conf

  sysctl -w net.ipv4.ip_forward=1`,
  complete(p, words) {
    const word = words[words.length - 1] ?? "";
    const dir = word.includes(".") ? word.slice(0, word.lastIndexOf(".") + 1) : "";
    const path = ROOT + dir.replace(/\./g, "/");
    const { fs } = p.machine;
    if (!fs.isDirectory(path.replace(/\/$/, ""), p)) return [];
    return fs
      .readdir(path.replace(/\/$/, ""), p)
      .map((name) => dir + name + (fs.isDirectory(`${path}${name}`, p) ? "." : ""));
  },
  *run(p, argv) {
    const options = getopt(argv, "anNqewp::fr:AXbxh", {
      all: "a",
      values: "n",
      names: "N",
      quiet: "q",
      ignore: "e",
      write: "w",
      "load=?": "p",
      system: "system",
      "pattern=": "r",
    });
    if (options.error) {
      yield* p.err(options.error);
      return 1;
    }
    const tool = new Sysctl(p, options);
    if (options.has("a", "A", "X")) {
      const pattern = options.get("r");
      if (pattern === null) yield* tool.all(ROOT);
      else {
        const regex = new RegExp(pattern);
        const visit = function* (dir: string): Run<void> {
          for (const name of p.machine.fs.readdir(dir, p).sort(byLocale)) {
            const path = `${dir}/${name}`;
            if (p.machine.fs.isDirectory(path, p)) yield* visit(path);
            else if (regex.test(keyOf(path))) yield* tool.read(path);
          }
        };
        yield* visit("/proc/sys");
      }
      return tool.status;
    }
    if (options.has("p", "f", "system")) {
      const file = options.get("p");
      const files =
        file !== null ? [file] : options.operands.length ? options.operands : ["/etc/sysctl.conf"];
      for (const name of files) yield* tool.load(name);
      return tool.status;
    }
    if (options.operands.length === 0) {
      yield* p.err("sysctl: no variables specified\nTry `sysctl --help' for more information.\n");
      return 1;
    }
    for (const word of options.operands) {
      const at = word.indexOf("=");
      if (at >= 0) yield* tool.write(word.slice(0, at).trim(), word.slice(at + 1).trim());
      else if (options.has("w")) {
        yield* p.err("sysctl: command line(0): invalid syntax, continuing...\n");
        tool.status = 1;
      } else yield* tool.read(pathOf(word));
    }
    return tool.status;
  },
};
