import type { Signal } from "../../host/process.ts";
import { formatPrintf } from "../lib/printf.ts";
import { quoteWord } from "../quote.ts";
import { findCommand } from "../registry.ts";
import type { Shell } from "../shell.ts";
import { runInside } from "../simple.ts";
import { findProgram, spawn, waitFor } from "../spawn.ts";
import type { Builtin } from "./builtin.ts";
import { builtins } from "./index.ts";
import { signalOf } from "./jobs.ts";

const trap: Builtin = function* (sh, argv) {
  const args = argv.slice(1);
  if (args[0] === "--") args.shift();
  if (args.length === 0 || args[0] === "-p") {
    const wanted = args.slice(1).map((word) => signalOf(word) ?? word);
    for (const [signal, action] of sh.traps)
      if (wanted.length === 0 || wanted.includes(signal))
        yield* sh.p.out(`trap -- ${quoteWord(action)} ${signal}\n`);
    return 0;
  }
  if (args[0] === "-l") return yield* (builtins.get("kill") as Builtin)(sh, ["kill", "-l"]);
  let action: string | null = args[0] as string;
  let words = args.slice(1);
  if (action === "-") action = null;
  else if (words.length === 0) {
    if (signalOf(action) === null && action !== "ERR") {
      yield* sh.p.err("trap: usage: trap [-lp] [[arg] signal_spec ...]\n");
      return 2;
    }
    words = [action];
    action = null;
  } else if (/^\d+$/.test(action)) {
    words = args;
    action = null;
  }
  let status = 0;
  for (const word of words) {
    const upper = word.toUpperCase();
    const pseudo = upper === "ERR" || upper === "DEBUG" || upper === "RETURN";
    const signal = pseudo ? upper : signalOf(word);
    if (signal === null) {
      yield* sh.complain(`trap: ${word}: invalid signal specification`);
      status = 1;
      continue;
    }
    if (action === null) sh.traps.delete(signal);
    else sh.traps.set(signal, action);
    if (signal.startsWith("SIG")) {
      const name = signal as Signal;
      if (action === "") sh.p.ignored.add(name);
      else sh.p.ignored.delete(name);
      if (action || name === "SIGINT") sh.p.caught.add(name);
      else if (!sh.interactive) sh.p.caught.delete(name);
    }
  }
  return status;
};

const alias: Builtin = function* (sh, argv) {
  if (argv.length === 1) {
    for (const name of [...sh.aliases.keys()].sort())
      yield* sh.p.out(`alias ${name}=${quoteWord(sh.aliases.get(name) as string)}\n`);
    return 0;
  }
  let status = 0;
  for (const word of argv.slice(1)) {
    const at = word.indexOf("=");
    if (at > 0) {
      sh.aliases.set(word.slice(0, at), word.slice(at + 1));
      continue;
    }
    const value = sh.aliases.get(word);
    if (value !== undefined) yield* sh.p.out(`alias ${word}=${quoteWord(value)}\n`);
    else if (word !== "-p") {
      yield* sh.complain(`alias: ${word}: not found`);
      status = 1;
    }
  }
  return status;
};

const unalias: Builtin = function* (sh, argv) {
  if (argv[1] === "-a") {
    sh.aliases.clear();
    return 0;
  }
  let status = 0;
  for (const word of argv.slice(1))
    if (!sh.aliases.delete(word)) {
      yield* sh.complain(`unalias: ${word}: not found`);
      status = 1;
    }
  return status;
};

const KEYWORDS = new Set(
  "if then elif else fi case esac for select while until do done in function time { } ! [[ ]] coproc".split(
    " ",
  ),
);

interface Kind {
  word: string;
  /** As `type` says it. */
  text: string;
  /** As `command -v` says it. */
  short: string;
}

function kindsOf(sh: Shell, name: string, all: boolean): Kind[] {
  const out: Kind[] = [];
  const value = sh.aliases.get(name);
  if (value !== undefined)
    out.push({
      word: "alias",
      text: `${name} is aliased to \`${value}'`,
      short: `alias ${name}=${quoteWord(value)}`,
    });
  if (KEYWORDS.has(name))
    out.push({ word: "keyword", text: `${name} is a shell keyword`, short: name });
  const fn = sh.functions.get(name);
  if (fn) out.push({ word: "function", text: `${name} is a function\n${fn.source}`, short: name });
  if (builtins.has(name) || DECLARED.has(name) || findCommand(name)?.builtin)
    out.push({ word: "builtin", text: `${name} is a shell builtin`, short: name });
  if (out.length === 0 || all) {
    const dirs = name.includes("/") ? [""] : (sh.get("PATH") ?? "").split(":");
    for (const dir of dirs) {
      const path = dir === "" ? name : `${dir}/${name}`;
      const { kind } = findProgram(sh.p, path.includes("/") ? path : `./${path}`);
      if (kind !== "command" && kind !== "script") continue;
      out.push({ word: "file", text: `${name} is ${path}`, short: path });
      if (!all) break;
    }
  }
  return all ? out : out.slice(0, 1);
}

const DECLARED = new Set(["declare", "typeset", "local", "export", "readonly"]);

const type: Builtin = function* (sh, argv) {
  let flags = "";
  const names: string[] = [];
  for (const word of argv.slice(1))
    if (/^-[atpPf]+$/.test(word)) flags += word.slice(1);
    else names.push(word);
  let status = 0;
  for (const name of names) {
    const kinds = kindsOf(sh, name, flags.includes("a"));
    if (kinds.length === 0) {
      status = 1;
      if (!/[tpP]/.test(flags)) yield* sh.complain(`type: ${name}: not found`);
      continue;
    }
    for (const kind of kinds)
      if (flags.includes("t")) yield* sh.p.out(`${kind.word}\n`);
      else if (/[pP]/.test(flags)) {
        if (kind.word === "file") yield* sh.p.out(`${kind.short}\n`);
      } else yield* sh.p.out(`${kind.text}\n`);
  }
  return status;
};

const command: Builtin = function* (sh, argv) {
  let i = 1;
  let mode = "";
  for (; argv[i]?.startsWith("-"); i++) {
    if (argv[i] === "--") {
      i++;
      break;
    }
    mode += (argv[i] as string).slice(1).replace("p", "");
  }
  const args = argv.slice(i);
  const [name] = args;
  if (name === undefined) return 0;
  if (mode === "") {
    const special = builtins.get(name);
    if (special) return yield* special(sh, args);
    const program = findCommand(name);
    if (program?.builtin) return yield* runInside(sh, program, args);
    return yield* program0(sh, args);
  }
  let status = 1;
  for (const word of args) {
    const [kind] = kindsOf(sh, word, false);
    if (kind) {
      status = 0;
      yield* sh.p.out(`${mode.includes("V") ? kind.text : kind.short}\n`);
    } else if (mode.includes("V")) yield* sh.complain(`command: ${word}: not found`);
  }
  return status;
};

/** A program, by name, although a function may be called so. */
function* program0(sh: Shell, args: string[]) {
  const { env } = sh.p;
  sh.p.env = sh.environment();
  const child = spawn(sh.p, args);
  sh.p.env = env;
  if (child) return yield* waitFor(child);
  yield* sh.complain(`${args[0]}: command not found`);
  return 127;
}

const builtin: Builtin = function* (sh, argv) {
  const args = argv.slice(1);
  const name = args[0];
  if (name === undefined) return 0;
  const special = builtins.get(name);
  if (special) return yield* special(sh, args);
  const program = findCommand(name);
  if (program?.builtin) return yield* runInside(sh, program, args);
  yield* sh.complain(`builtin: ${name}: not a shell builtin`);
  return 1;
};

const hash: Builtin = function* (sh, argv) {
  const names = argv.slice(1).filter((word) => !word.startsWith("-"));
  let status = 0;
  for (const name of names) {
    const { kind } = findProgram(sh.p, name, sh.get("PATH") ?? "");
    if (kind === "command" || kind === "script") continue;
    yield* sh.complain(`hash: ${name}: not found`);
    status = 1;
  }
  if (argv.length === 1) yield* sh.p.out("hash: hash table empty\n");
  return status;
};

const umask: Builtin = function* (sh, argv) {
  const word = argv[1];
  if (word === undefined) yield* sh.p.out(`${sh.p.umask.toString(8).padStart(4, "0")}\n`);
  else if (word === "-S") {
    const bits = (shift: number) =>
      ["r", "w", "x"].filter((_, i) => !((sh.p.umask >> shift) & (4 >> i))).join("");
    yield* sh.p.out(`u=${bits(6)},g=${bits(3)},o=${bits(0)}\n`);
  } else if (/^[0-7]+$/.test(word)) sh.p.umask = Number.parseInt(word, 8) & 0o777;
  else {
    yield* sh.complain(`umask: ${word}: octal number out of range`);
    return 1;
  }
  return 0;
};

const LIMITS: [string, string, string][] = [
  ["c", "core file size              (blocks, -c)", "0"],
  ["d", "data seg size               (kbytes, -d)", "unlimited"],
  ["f", "file size                   (blocks, -f)", "unlimited"],
  ["n", "open files                          (-n)", "1024"],
  ["s", "stack size                  (kbytes, -s)", "8192"],
  ["t", "cpu time                   (seconds, -t)", "unlimited"],
  ["u", "max user processes                  (-u)", "7823"],
  ["v", "virtual memory              (kbytes, -v)", "unlimited"],
];

const ulimit: Builtin = function* (sh, argv) {
  const flags = argv
    .slice(1)
    .filter((word) => word.startsWith("-"))
    .join("")
    .replace(/[-SH]/g, "");
  if (flags.includes("a"))
    for (const [, title, value] of LIMITS) yield* sh.p.out(`${title} ${value}\n`);
  else if (argv.some((word, i) => i > 0 && !word.startsWith("-"))) return 0;
  else
    yield* sh.p.out(
      `${LIMITS.find(([letter]) => letter === (flags || "f"))?.[2] ?? "unlimited"}\n`,
    );
  return 0;
};

const times: Builtin = function* (sh) {
  yield* sh.p.out("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
  return 0;
};

const getopts: Builtin = function* (sh, argv) {
  const [, spec, name] = argv;
  if (spec === undefined || name === undefined) {
    yield* sh.p.err("getopts: usage: getopts optstring name [arg ...]\n");
    return 2;
  }
  const args = argv.length > 3 ? argv.slice(3) : sh.positional;
  const silent = spec.startsWith(":");
  let at = Number(sh.get("OPTIND") ?? 1);
  let pos = sh.optPos;
  const finish = (letter: string, value: string | null): void => {
    sh.set("OPTIND", String(at));
    sh.optPos = pos;
    sh.set(name, letter);
    if (value === null) sh.unset("OPTARG");
    else sh.set("OPTARG", value);
  };
  const word = args[at - 1];
  if (word === undefined || !/^-./.test(word) || word === "--") {
    if (word === "--") at++;
    pos = 1;
    finish("?", null);
    return 1;
  }
  const letter = word[pos] as string;
  const known = letter === ":" ? -1 : spec.indexOf(letter, silent ? 1 : 0);
  const next = () => {
    pos++;
    if (pos >= word.length) {
      at++;
      pos = 1;
    }
  };
  if (known < 0) {
    next();
    finish("?", silent ? letter : null);
    if (!silent && sh.get("OPTERR") !== "0")
      yield* sh.p.err(`${sh.name}: illegal option -- ${letter}\n`);
    return 0;
  }
  if (spec[known + 1] !== ":") {
    next();
    finish(letter, null);
    return 0;
  }
  if (pos + 1 < word.length) {
    const value = word.slice(pos + 1);
    at++;
    pos = 1;
    finish(letter, value);
    return 0;
  }
  const value = args[at];
  at++;
  pos = 1;
  if (value === undefined) {
    finish(silent ? ":" : "?", silent ? letter : null);
    if (!silent) yield* sh.p.err(`${sh.name}: option requires an argument -- ${letter}\n`);
    return 0;
  }
  at++;
  finish(letter, value);
  return 0;
};

const history: Builtin = function* (sh, argv) {
  if (argv[1] === "-c") {
    sh.history = [];
    return 0;
  }
  const count = /^\d+$/.test(argv[1] ?? "") ? Number(argv[1]) : sh.history.length;
  const from = Math.max(0, sh.history.length - count);
  yield* sh.p.out(
    sh.history
      .slice(from)
      .map((line, i) => `${String(from + i + 1).padStart(5)}  ${line}\n`)
      .join(""),
  );
  return 0;
};

const printf: Builtin = function* (sh, argv) {
  if (argv[1] !== "-v" || argv[2] === undefined) {
    const program = findCommand("printf");
    return program ? yield* runInside(sh, program, argv) : 127;
  }
  const { text, errors } = formatPrintf(argv[3] ?? "", argv.slice(4), sh.p);
  const element = /^(\w+)\[(.*)\]$/.exec(argv[2]);
  if (element) sh.setElement(element[1] as string, element[2] as string, text);
  else sh.set(argv[2], text);
  for (const error of errors) yield* sh.complain(`printf: ${error}`);
  return errors.length ? 1 : 0;
};

const caller: Builtin = function* (sh) {
  if (!sh.frame?.function) return 1;
  yield* sh.p.out(`${sh.line} ${sh.name}\n`);
  return 0;
};

const lets: Builtin = function* (sh, argv) {
  if (argv.length < 2) {
    yield* sh.complain("let: expression expected");
    return 1;
  }
  let value = 0n;
  for (const word of argv.slice(1)) value = sh.arith(word);
  return value === 0n ? 1 : 0;
};

export const miscellany: Record<string, Builtin> = {
  alias,
  builtin,
  caller,
  command,
  getopts,
  hash,
  history,
  let: lets,
  printf,
  times,
  trap,
  type,
  ulimit,
  umask,
  unalias,
};
