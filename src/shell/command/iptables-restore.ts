import { SysError } from "../../base/errno.ts";
import { fromUtf8 } from "../../base/text.ts";
import type { OpenFile } from "../../host/file.ts";
import type { Process, Run } from "../../host/process.ts";
import type { Command } from "../command.ts";
import { whenThere } from "../registry.ts";
import { findLong, Getopt, type LongOption } from "./iptables/getopt.ts";
import { speak, speakerOf } from "./iptables/index.ts";
import { Restore, type RestoreSettings } from "./iptables/restore.ts";
import { Finished, FULL_VERSION, type Output } from "./iptables/run.ts";

const OPTIONS: readonly (LongOption & { letter: string })[] = [
  { name: "counters", letter: "c", argument: "none" },
  { name: "verbose", letter: "v", argument: "none" },
  { name: "version", letter: "V", argument: "none" },
  { name: "test", letter: "t", argument: "none" },
  { name: "help", letter: "h", argument: "none" },
  { name: "noflush", letter: "n", argument: "none" },
  { name: "modprobe", letter: "M", argument: "required" },
  { name: "table", letter: "T", argument: "required" },
  { name: "wait", letter: "w", argument: "optional" },
  { name: "wait-interval", letter: "W", argument: "optional" },
];
const LETTERS = new Map(OPTIONS.map(({ letter, argument }) => [letter, argument]));
const USAGE =
  "Usage: iptables-restore [-c] [-v] [-V] [-t] [-h] [-n] [-w secs] [-W usecs] [-T table] [-M command] [file]\n";

/** What the command line asks for, and the file to read. */
function settingsOf(
  argv: readonly string[],
  output: Output,
): RestoreSettings & { file: string | null } {
  const settings: RestoreSettings & { file: string | null } = {
    counters: false,
    verbose: 0,
    testing: false,
    noflush: false,
    table: null,
    file: null,
  };
  const getopt = new Getopt(argv, LETTERS);
  const words: string[] = [];
  for (;;) {
    const found = getopt.next((name) => findLong(OPTIONS, name));
    if (found.kind === "end") break;
    if (found.kind === "word") {
      words.push(found.argument);
      continue;
    }
    if (found.kind === "unknown" || found.kind === "missing") {
      const word = getopt.last;
      if (found.kind === "missing")
        output.err += `iptables-restore: option requires an argument -- '${word.slice(-1)}'\n`;
      else if (word.startsWith("--"))
        output.err += `iptables-restore: unrecognized option '${word}'\n`;
      else output.err += `iptables-restore: invalid option -- '${word.charAt(1)}'\n`;
      output.err += "Try `iptables-restore -h' for more information.\n";
      throw new Finished(1);
    }
    const letter = found.kind === "short" ? found.letter : found.option.letter;
    if (letter === "c") settings.counters = true;
    else if (letter === "v") settings.verbose++;
    else if (letter === "t") settings.testing = true;
    else if (letter === "n") settings.noflush = true;
    else if (letter === "T") settings.table = found.argument;
    else if (letter === "w" || letter === "W") getopt.takeWord();
    else if (letter === "V" || letter === "h") {
      if (letter === "V") output.out += `iptables-restore v${FULL_VERSION}\n`;
      else output.err += USAGE;
      throw new Finished(0);
    }
  }
  words.push(...argv.slice(getopt.index));
  if (words.length > 1) {
    output.err += "Unknown arguments found on commandline\n";
    throw new Finished(1);
  }
  settings.file = words[0] ?? null;
  return settings;
}

function openFile(p: Process, path: string, output: Output): OpenFile {
  try {
    return p.machine.fs.open(p.path(path), { read: true }, 0, p);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    output.err += `Can't open ${path}: ${error.message}\n`;
    throw new Finished(1);
  }
}

/** Lines as they arrive, each with its newline but for a last one without. */
function* feed(p: Process, fd: number, restore: Restore): Run<void> {
  let rest = "";
  for (;;) {
    const part = yield* p.read(fd);
    if (part === null) break;
    rest += fromUtf8(part);
    for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n")) {
      const line = rest.slice(0, at + 1);
      rest = rest.slice(at + 1);
      yield* whenThere(() => restore.take(line));
    }
  }
  if (rest !== "") yield* whenThere(() => restore.take(rest));
  restore.end();
}

const command: Command = {
  name: "iptables-restore",
  aliases: ["iptables-legacy-restore"],
  sbin: true,
  group: "network",
  summary: "restore iptables rules",
  man: "iptables-restore [-c] [-n] [-t] [-T TABLE] [FILE]\n\nReads what iptables-save prints. Each table takes effect as a whole at its COMMIT.\n-n: keep what is there, -t: only test, -c: set counters too.\n",
  *run(p, argv) {
    const speaker = speakerOf(p, "iptables-restore");
    let status = 0;
    try {
      const settings = settingsOf(argv, speaker.output);
      let fd = 0;
      if (settings.file !== null) {
        fd = p.fds.length;
        p.fds[fd] = openFile(p, settings.file, speaker.output);
      }
      yield* feed(p, fd, new Restore(speaker, settings));
    } catch (error) {
      if (!(error instanceof Finished)) throw error;
      status = error.status;
    }
    yield* speak(p, speaker.output);
    return status;
  },
};
export default command;
