import { fromUtf8 } from "../../base/text.ts";
import { Capture } from "../../host/open.ts";
import { SEC } from "../../sim/sim.ts";
import type { Command } from "../command.ts";
import { formatDate } from "../lib/date.ts";
import { getopt } from "../lib/options.ts";
import { spawn, waitFor } from "../spawn.ts";

export const watch: Command = {
  name: "watch",
  summary: "execute a program periodically, showing output fullscreen",
  group: "processes",
  man: `watch [-n SECONDS] [-t] [-d] [-g] COMMAND

Run COMMAND every 2 seconds and show what it prints, until Ctrl-C.
  -n SECONDS   how often (at least 0.1)   -t   no title   -d   show what changed   -g   end then`,
  *run(p, argv) {
    const options = getopt(argv, "+n:td::gexcbp", {
      "interval=": "n",
      "no-title": "t",
      "differences=?": "d",
      chgexit: "g",
      errexit: "e",
      exec: "x",
      color: "c",
    });
    if (options.error || options.operands.length === 0) {
      yield* p.err(options.error ?? "\nUsage:\n watch [options] command\n");
      return 1;
    }
    const seconds = Math.max(0.1, Number((options.get("n") ?? "2").replace(",", ".")) || 2);
    const command = options.operands.join(" ");
    let before: string[] | null = null;
    for (;;) {
      const rows = p.tty?.rows ?? 24;
      const columns = p.tty?.columns ?? 80;
      const sink = new Capture();
      sink.hold();
      const child = spawn(p, options.has("x") ? options.operands : ["sh", "-c", command], {
        stdout: sink,
        stderr: sink,
      });
      if (child) yield* waitFor(child);
      const lines = fromUtf8(sink.take())
        .replace(/\x1b\[[0-9;]*[A-Za-z]/g, options.has("c") ? "$&" : "")
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => expandTabs(line).slice(0, columns));
      let screen = "\x1b[H\x1b[J";
      let room = rows;
      if (!options.has("t")) {
        const left = `Every ${seconds.toFixed(1)}s: ${command}`;
        const right = `${p.machine.hostname}: ${formatDate("%a %b %e %T %Y", new Date(p.sim.epoch + p.sim.now / 1e6))}`;
        const gap = columns - left.length - right.length;
        screen +=
          gap > 0
            ? `${left}${" ".repeat(gap)}${right}\n\n`
            : `${left.slice(0, Math.max(0, columns - right.length - 4))}... ${right}\n\n`;
        room -= 2;
      }
      const old: string[] | null = before;
      const shown = lines.slice(0, room);
      screen += shown
        .map((line, i) => (options.has("d") && old ? highlight(line, old[i] ?? "") : line))
        .join("\n");
      yield* p.out(screen);
      if (options.has("g") && old && old.join("\n") !== lines.join("\n")) return 0;
      before = lines;
      yield* p.sleep(seconds * SEC);
    }
  },
};

function expandTabs(line: string): string {
  let out = "";
  for (const c of line) out += c === "\t" ? " ".repeat(8 - (out.length % 8)) : c;
  return out;
}

/** What differs from the line before, in reverse. */
function highlight(line: string, old: string): string {
  let out = "";
  let on = false;
  for (let i = 0; i < line.length; i++) {
    const changed = line[i] !== old[i];
    if (changed !== on) out += changed ? "\x1b[7m" : "\x1b[27m";
    on = changed;
    out += line[i];
  }
  return on ? `${out}\x1b[27m` : out;
}
