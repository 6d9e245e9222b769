import { fromUtf8 } from "../../base/text.ts";
import type { Command } from "../command.ts";
import { Lines } from "../lib/input.ts";
import { nestedShell } from "../nested.ts";
import { grammarFor, readScript } from "../plain.ts";
import { settle } from "../run.ts";
import { runScriptFile, runToEnd, setLetter } from "../script.ts";
import { type Option, Shell } from "../shell.ts";
import { runText } from "../text.ts";
import { exitTrap } from "../trap.ts";

export const bash: Command = {
  name: "bash",
  aliases: ["sh"],
  summary: "GNU Bourne-Again SHell",
  group: "shell",
  man: `bash [-eux] [-o OPTION] [FILE [ARG]...]      bash -c TEXT [NAME [ARG]...]

Run the commands of FILE, of TEXT, or of standard input; on a terminal, ask for them.
  -e end at the first failure   -u unset variables are errors   -x show each command   -n only read`,
  *run(p, argv) {
    let i = 1;
    let text: string | null = null;
    const letters: [string, boolean][] = [];
    const names: [string, boolean][] = [];
    let command = false;
    let input = false;
    let interactive = false;
    for (; i < argv.length; i++) {
      const word = argv[i] as string;
      if (word === "--" || word === "-") {
        i++;
        break;
      }
      if (/^--(norc|noprofile|login|posix|noediting)$/.test(word)) continue;
      if (word === "--version") {
        yield* p.out("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n");
        return 0;
      }
      if (!/^[-+]./.test(word)) break;
      const on = word[0] === "-";
      for (const letter of word.slice(1)) {
        if (letter === "c") command = true;
        else if (letter === "o" || letter === "O") names.push([argv[++i] ?? "", on]);
        else if (letter === "s") input = true;
        else if (letter === "i") interactive = true;
        else if (letter !== "l") letters.push([letter, on]);
      }
    }
    if (command) {
      text = argv[i++] ?? null;
      if (text === null) {
        yield* p.err(`${argv[0]}: -c: option requires an argument\n`);
        return 2;
      }
    }
    const file = command || input ? undefined : argv[i];
    const called = (argv[0] ?? "bash").replace(/.*\//, "");
    const name = command ? (argv[i] ?? called) : (file ?? called);
    if (file !== undefined) {
      const path = p.path(file);
      const stat = p.machine.fs.tryStat(path, p);
      if (!stat || stat.kind === "directory") {
        yield* p.err(
          `${called}: ${file}: ${stat ? "Is a directory" : "No such file or directory"}\n`,
        );
        return stat ? 126 : 127;
      }
      const fd = p.open(file);
      text = fromUtf8(yield* p.readAll(fd));
      p.close(fd);
      if (letters.length === 0 && names.length === 0)
        return yield* runScriptFile(p, file, text, argv.slice(i + 1));
    }
    if (text === null && !input && p.tty && (interactive || (p.isTty(0) && p.isTty(2))))
      return yield* nestedShell(p, p.tty, p.machine, { parent: p, argv: [called] });
    const sh = new Shell(p, name);
    for (const [letter, on] of letters)
      if (!setLetter(sh, letter, on)) {
        yield* p.err(`${called}: ${on ? "-" : "+"}${letter}: invalid option\n`);
        return 2;
      }
    for (const [option, on] of names)
      if (on) sh.options.add(option as Option);
      else sh.options.delete(option as Option);
    sh.positional = argv.slice(i + 1);
    sh.commandString = command;
    if (text !== null) return yield* runToEnd(sh, text, name);
    sh.positional = input ? argv.slice(i) : [];
    sh.fromInput = true;
    return yield* fromInput(sh);
  },
};

/** Commands from standard input, each run before the next is read. */
function* fromInput(sh: Shell) {
  const lines = new Lines(sh.p, 0);
  let text = "";
  let number = 0;
  let first = 0;
  try {
    for (;;) {
      const line = yield* lines.next();
      if (line === null) break;
      number++;
      if (text === "") first = number - 1;
      text += `${line}\n`;
      yield* grammarFor(text);
      const { more, problem } = readScript(text, sh.shopts.has("extglob"));
      if (more) continue;
      const whole = text;
      text = "";
      yield* runText(sh, whole, sh.name, first);
      if (sh.unwind || (problem && problem.resume === null)) break;
    }
    if (text !== "") yield* runText(sh, text, sh.name, first);
  } catch (error) {
    yield* settle(sh, error);
  }
  return yield* exitTrap(sh);
}
