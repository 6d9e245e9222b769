import { SysError } from "../../../base/errno.ts";
import { fromUtf8 } from "../../../base/text.ts";
import type { Command } from "../../command.ts";
import { Awk, type AwkArray } from "./interpreter.ts";
import { AwkError } from "./lexer.ts";
import { AwkParser } from "./parser.ts";
import { fromInput } from "./value.ts";

const USAGE = `Usage: mawk [Options] [Program] [file ...]

Program:
    The -f option value is the name of a file containing program text.
    If no -f option is given, a "--" ends option processing; the following
    parameters are the program text.
`;

/** Escapes in a -v or an operand's value are those of a string. */
function unescaped(text: string): string {
  return text.replace(/\\([nt\\"/])/g, (_, c: string) => ({ n: "\n", t: "\t" })[c] ?? c);
}

export const awk: Command = {
  name: "awk",
  aliases: ["mawk"],
  summary: "pattern scanning and text processing language",
  group: "text",
  man: `awk [-F SEPARATOR] [-v NAME=VALUE]... 'PROGRAM' [FILE]...      awk -f PROGRAM-FILE ...

For each line, run the actions whose pattern holds: PATTERN { ACTION }
  $1 $2 ... $NF fields   $0 the line   NR its number   BEGIN { } END { }
  /REGEX/  $3 > 10  a, b ranges   print  printf  if  while  for  next  getline  arrays[KEY]
  length substr index split sub gsub match sprintf tolower toupper int

  ip -br addr | awk '{ print $1, $3 }'      ss -t | awk '{ n[$1]++ } END { for (s in n) print s, n[s] }'`,
  *run(p, argv) {
    const tool = (argv[0] ?? "awk").replace(/.*\//, "");
    let separator: string | null = null;
    const assignments: string[] = [];
    const programs: string[] = [];
    let i = 1;
    for (; i < argv.length; i++) {
      const word = argv[i] as string;
      if (word === "--") {
        i++;
        break;
      }
      if (!/^-./.test(word)) break;
      const letter = word[1] as string;
      const value = () => (word.length > 2 ? word.slice(2) : (argv[++i] ?? ""));
      if (letter === "F") separator = value();
      else if (letter === "v") assignments.push(value());
      else if (letter === "f") {
        const name = value();
        try {
          programs.push(
            name === "-"
              ? fromUtf8(yield* p.readAll(0))
              : fromUtf8(p.machine.fs.readFile(p.path(name), p)),
          );
        } catch (error) {
          if (!(error instanceof SysError)) throw error;
          yield* p.err(`${tool}: couldn't open file ${name}\n`);
          return 2;
        }
      } else if (letter === "W") i += word.length > 2 ? 0 : 1;
      else {
        yield* p.err(`${tool}: not an option: ${word}\n`);
        return 2;
      }
    }
    if (programs.length === 0) {
      const text = argv[i++];
      if (text === undefined) {
        yield* p.err(USAGE);
        return 2;
      }
      programs.push(text);
    }
    let machine: Awk | null = null;
    try {
      const program = new AwkParser(programs.join("\n")).program();
      const awk = new Awk(p, program);
      machine = awk;
      if (separator !== null)
        awk.globals.set("FS", separator === "t" ? "\t" : unescaped(separator));
      for (const assignment of assignments) {
        const at = assignment.indexOf("=");
        if (at < 1) {
          yield* p.err(`${tool}: improper assignment: -v ${assignment}\n`);
          return 2;
        }
        awk.set(assignment.slice(0, at), fromInput(unescaped(assignment.slice(at + 1))));
      }
      awk.operands = argv.slice(i);
      awk.name = tool;
      const args: AwkArray = new Map([["0", "awk"]]);
      awk.operands.forEach((word, n) => {
        args.set(String(n + 1), fromInput(word));
      });
      awk.globals.set("ARGV", args);
      awk.globals.set("ARGC", args.size);
      return yield* awk.run();
    } catch (error) {
      if (!(error instanceof AwkError)) throw error;
      if (machine) yield* machine.streams.flush();
      if (error.message) {
        const runtime = machine !== null;
        yield* p.err(
          runtime ? `${tool}: run time error: ${error.message}\n` : `${tool}: ${error.message}\n`,
        );
      }
      return 2;
    }
  },
};
