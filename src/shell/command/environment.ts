import type { Command } from "../command.ts";
import { exec } from "../spawn.ts";

/** env and printenv: a program's environment. */
const env: Command = {
  name: "env",
  summary: "run a program in a modified environment",
  group: "shell",
  man: `env [-i] [-u NAME] [NAME=VALUE]... [COMMAND [ARG]...]

Set each NAME and run COMMAND; without one, print the environment.
  -i   begin with an empty environment   -u NAME   without that variable`,
  *run(p, argv) {
    let i = 1;
    for (; i < argv.length; i++) {
      const word = argv[i] as string;
      if (word === "-i" || word === "-" || word === "--ignore-environment") p.env.clear();
      else if (word === "-u") p.env.delete(argv[++i] ?? "");
      else if (word.startsWith("--unset=")) p.env.delete(word.slice(8));
      else if (word === "--") {
        i++;
        break;
      } else if (word.startsWith("-") && word.length > 1) {
        yield* p.err(
          `env: invalid option -- '${word[1]}'\nTry 'env --help' for more information.\n`,
        );
        return 125;
      } else break;
    }
    for (; i < argv.length && /^[^=]+=/.test(argv[i] as string); i++) {
      const word = argv[i] as string;
      const at = word.indexOf("=");
      p.env.set(word.slice(0, at), word.slice(at + 1));
    }
    if (i >= argv.length) {
      yield* p.out([...p.env].map(([name, value]) => `${name}=${value}\n`).join(""));
      return 0;
    }
    const result = yield* exec(p, argv.slice(i));
    if (typeof result === "number") return result;
    const why = result.kind === "denied" ? result.why : "No such file or directory";
    yield* p.err(`env: ‘${argv[i]}’: ${why}\n`);
    return result.kind === "denied" ? 126 : 127;
  },
};

const printenv: Command = {
  name: "printenv",
  summary: "print all or part of environment",
  group: "shell",
  man: "printenv [NAME]...\n\nPrint the values of these variables, or all with their names.",
  *run(p, argv) {
    const names = argv.slice(1).filter((word) => !word.startsWith("-"));
    if (names.length === 0) {
      yield* p.out([...p.env].map(([name, value]) => `${name}=${value}\n`).join(""));
      return 0;
    }
    let status = 0;
    for (const name of names) {
      const value = p.env.get(name);
      if (value === undefined) status = 1;
      else yield* p.out(`${value}\n`);
    }
    return status;
  },
};

export const environment: readonly Command[] = [env, printenv];
