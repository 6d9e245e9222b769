import type { Command } from "../command.ts";
import { findLong, Getopt, type LongOption } from "./iptables/getopt.ts";
import { TableHandle } from "./iptables/handle.ts";
import { speak, speakerOf } from "./iptables/index.ts";
import { exitError, Finished, FULL_VERSION } from "./iptables/run.ts";
import { saveAll, saveTable } from "./iptables/save.ts";

const OPTIONS: readonly (LongOption & { letter: string })[] = [
  { name: "counters", letter: "c", argument: "none" },
  { name: "version", letter: "V", argument: "none" },
  { name: "dump", letter: "d", argument: "none" },
  { name: "table", letter: "t", argument: "required" },
  { name: "modprobe", letter: "M", argument: "required" },
  { name: "file", letter: "f", argument: "required" },
];
const LETTERS = new Map(OPTIONS.map(({ letter, argument }) => [letter, argument]));

const command: Command = {
  name: "iptables-save",
  aliases: ["iptables-legacy-save"],
  sbin: true,
  group: "network",
  summary: "dump iptables rules",
  man: "iptables-save [-c] [-t TABLE] [-f FILE]\n\nPrints all tables, or one, as iptables-restore reads them; -c with the counters of rules.\n",
  *run(p, argv) {
    const speaker = speakerOf(p, "iptables-save");
    const { output } = speaker;
    const getopt = new Getopt(argv, LETTERS);
    let table: string | null = null;
    let file: string | null = null;
    let counters = false;
    let status = 0;
    try {
      for (;;) {
        const found = getopt.next((name) => findLong(OPTIONS, name));
        if (found.kind === "end") break;
        if (found.kind === "word") {
          output.err += "Unknown arguments found on commandline\n";
          throw new Finished(1);
        }
        if (found.kind === "unknown" || found.kind === "missing") {
          const word = getopt.last;
          if (found.kind === "missing")
            output.err += `iptables-save: option requires an argument -- '${word.slice(-1)}'\n`;
          else if (word.startsWith("--"))
            output.err += `iptables-save: unrecognized option '${word}'\n`;
          else output.err += `iptables-save: invalid option -- '${word.charAt(1)}'\n`;
          output.err += "Look at manual page `iptables-save.8' for more information.\n";
          throw new Finished(1);
        }
        const letter = found.kind === "short" ? found.letter : found.option.letter;
        if (letter === "c") counters = true;
        else if (letter === "t") table = found.argument;
        else if (letter === "f") file = found.argument;
        else if (letter === "V") {
          output.out += `iptables-save v${FULL_VERSION}\n`;
          throw new Finished(0);
        }
      }
      if (table === null) output.out += saveAll(p.netns, counters);
      else {
        const handle = TableHandle.open(p.netns, table);
        if (!handle)
          throw exitError(
            speaker,
            "Cannot initialize: Table does not exist (do you need to insmod?)",
            1,
          );
        output.out += saveTable(p.netns, p.netns.netfilter.table(handle.name), counters);
      }
      if (file !== null) {
        p.machine.fs.writeFile(p.path(file), output.out);
        output.out = "";
      }
    } catch (error) {
      if (!(error instanceof Finished)) throw error;
      status = error.status;
    }
    yield* speak(p, output);
    return status;
  },
};
export default command;
