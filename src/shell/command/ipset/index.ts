import { SysError } from "../../../base/errno.ts";
import { fromUtf8 } from "../../../base/text.ts";
import type { OpenFile } from "../../../host/file.ts";
import type { Process, Run } from "../../../host/process.ts";
import { SET_TYPES } from "../../../net/netfilter/ipset/types.ts";
import type { Command } from "../../command.ts";
import { MachineNames } from "../iptables/names.ts";
import { splitLine } from "../iptables/restore.ts";
import { IpsetRun } from "./run.ts";

/** A line of `ipset restore`; the status of the whole, 0 to go on. */
function restoreLine(run: IpsetRun, text: string): number {
  run.line++;
  const words = splitLine(text);
  if (words.length === 0 || text.startsWith("#") || words[0] === "COMMIT") return 0;
  const { exist, quiet } = run;
  const status = run.command(words[0] === "ipset" ? words.slice(1) : words);
  run.exist = exist;
  run.quiet = quiet;
  return status === "restore" ? 1 : status;
}

/** Read lines from a file or standard input until one fails. */
function* restore(p: Process, run: IpsetRun): Run {
  let fd = 0;
  if (run.file !== null) {
    let file: OpenFile;
    try {
      file = p.machine.fs.open(p.path(run.file), { read: true }, 0, p);
    } catch (error) {
      if (error instanceof SysError) return 255;
      throw error;
    }
    fd = p.fds.length;
    p.fds[fd] = file;
  }
  for (const line of fromUtf8(yield* p.readAll(fd)).split("\n")) {
    const status = restoreLine(run, `${line}\n`);
    if (status !== 0) return status;
  }
  return run.finish();
}

const command: Command = {
  name: "ipset",
  sbin: true,
  group: "network",
  summary: "administration tool for IP sets",
  man: "ipset create NAME hash:ip [timeout N] [counters] [comment]\nipset add NAME ENTRY | del NAME ENTRY | test NAME ENTRY\nipset list [NAME] | save | restore | flush | destroy | rename | swap\n\n`ipset help` tells all.\n",
  *run(p, argv) {
    const names = new MachineNames(p);
    const run = new IpsetRun(p.netns, (name) => names.addresses(name));
    let status = run.command(argv.slice(1));
    if (status === "restore") status = yield* restore(p, run);
    else if (run.file !== null && run.out) {
      p.machine.fs.writeFile(p.path(run.file), run.out);
      run.out = "";
    }
    if (run.out) yield* p.out(run.out);
    if (run.err) yield* p.err(run.err);
    return status;
  },
  complete(p, words) {
    const before = words[words.length - 2] ?? "";
    if (words.length === 2)
      return [
        "create",
        "add",
        "del",
        "test",
        "destroy",
        "list",
        "save",
        "restore",
        "flush",
        "rename",
        "swap",
      ];
    if (words[1] === "create" && words.length === 4) return [...SET_TYPES.keys()];
    if (before === words[1]) return [...p.netns.ipsets.byName.keys()];
    return [];
  },
};
export default command;
