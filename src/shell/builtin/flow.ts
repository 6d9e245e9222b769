import { SysError } from "../../base/errno.ts";
import { fromUtf8 } from "../../base/text.ts";
import { runText } from "../text.ts";
import type { Builtin } from "./builtin.ts";

/** Commands that decide what runs next (POSIX 2.14). */

const loopExit = (kind: "break" | "continue"): Builtin =>
  function* (sh, argv) {
    if (sh.loops === 0) {
      yield* sh.complain(`${kind}: only meaningful in a \`for', \`while', or \`until' loop`);
      return 0;
    }
    const word = argv[1];
    if (word !== undefined && !/^\d+$/.test(word)) {
      yield* sh.complain(`${kind}: ${word}: numeric argument required`);
      return sh.exit(128);
    }
    const count = Number(word ?? 1);
    if (count < 1) {
      yield* sh.complain(`${kind}: ${word}: loop count out of range`);
      sh.unwind = { kind: "break", count: sh.loops };
      return 1;
    }
    sh.unwind = { kind, count: Math.min(count, sh.loops) };
    return 0;
  };

const exit: Builtin = function* (sh, argv) {
  const word = argv[1];
  if (sh.interactive && sh.isLogin) yield* sh.p.err("exit\n");
  if (word === undefined) return sh.exit(sh.status);
  if (!/^-?\d+$/.test(word)) {
    yield* sh.complain(`exit: ${word}: numeric argument required`);
    return sh.exit(2);
  }
  return sh.exit(Number(word));
};

const returns: Builtin = function* (sh, argv) {
  if (!sh.frame || (!sh.frame.function && sh.sourcing === 0)) {
    yield* sh.complain("return: can only `return' from a function or sourced script");
    return 2;
  }
  const word = argv[1];
  let { status } = sh;
  if (word !== undefined) {
    if (/^-?\d+$/.test(word)) status = Number(word) & 255;
    else {
      yield* sh.complain(`return: ${word}: numeric argument required`);
      status = 2;
    }
  }
  sh.unwind = { kind: "return", count: 1 };
  sh.status = status;
  return status;
};

const evals: Builtin = function* (sh, argv) {
  const args = argv[1] === "--" ? argv.slice(2) : argv.slice(1);
  const text = args.join(" ");
  if (text.trim() === "") return 0;
  const file = sh.frame?.file ?? "";
  sh.status = 0;
  return yield* runText(sh, text, file, sh.frame ? sh.line - 1 : 0, "eval");
};

const source: Builtin = function* (sh, argv) {
  const name = argv[1];
  if (name === undefined) {
    yield* sh.complain(`${argv[0]}: filename argument required`);
    yield* sh.p.err(`${argv[0]}: usage: ${argv[0]} filename [arguments]\n`);
    return 2;
  }
  const { fs } = sh.p.machine;
  let path = name;
  if (!name.includes("/")) {
    const dirs = (sh.get("PATH") ?? "").split(":");
    const dir = dirs.find((d) => fs.tryStat(`${d}/${name}`)?.kind === "file");
    if (dir && !/^(\/usr)?\/s?bin$/.test(dir)) path = `${dir}/${name}`;
  }
  let text: string;
  try {
    if (fs.isDirectory(sh.p.path(path), sh.p)) throw new SysError("EISDIR");
    const fd = sh.p.open(path);
    text = fromUtf8(yield* sh.p.readAll(fd));
    sh.p.close(fd);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const why = error.code === "EISDIR" ? "is a directory" : error.message;
    yield* sh.complain(error.code === "EISDIR" ? `${argv[0]}: ${name}: ${why}` : `${name}: ${why}`);
    return 1;
  }
  const { positional } = sh;
  if (argv.length > 2) sh.positional = argv.slice(2);
  sh.sourcing++;
  sh.status = 0;
  try {
    const status = yield* runText(sh, text, name);
    if (sh.unwind?.kind === "return") sh.unwind = null;
    return status;
  } finally {
    sh.sourcing--;
    if (argv.length > 2) sh.positional = positional;
  }
};

const shift: Builtin = function* (sh, argv) {
  const count = Number(argv[1] ?? 1);
  if (!Number.isInteger(count)) {
    yield* sh.complain(`shift: ${argv[1]}: numeric argument required`);
    return 1;
  }
  if (count < 0) {
    yield* sh.complain(`shift: ${argv[1]}: shift count out of range`);
    return 1;
  }
  if (count > sh.positional.length) return 1;
  sh.positional = sh.positional.slice(count);
  return 0;
};

const nothing: Builtin = function* () {
  return 0;
};

export const flow: Record<string, Builtin> = {
  ":": nothing,
  break: loopExit("break"),
  continue: loopExit("continue"),
  eval: evals,
  exec: nothing,
  exit,
  logout: exit,
  return: returns,
  shift,
  source,
  ".": source,
};
