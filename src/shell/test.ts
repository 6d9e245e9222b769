import type { TestExpression } from "unbash";
import type { Process, Run } from "../host/process.ts";
import { expandPattern, expandRegex, expandText } from "./expansion.ts";
import { toRegex } from "./lib/regex.ts";
import { matches } from "./pattern.ts";
import type { Shell } from "./shell.ts";

/** `[[ ]]` (bash "Conditional Constructs"): 0, 1, or 2 when it makes no sense. */
export function* evaluateTest(sh: Shell, node: TestExpression): Run {
  switch (node.type) {
    case "TestGroup":
      return yield* evaluateTest(sh, node.expression);
    case "TestNot": {
      const status = yield* evaluateTest(sh, node.operand);
      return node.negations.length % 2 && status < 2 ? 1 - status : status;
    }
    case "TestLogical": {
      let status = node.operator === "&&" ? 0 : 1;
      for (const operand of node.operands) {
        status = yield* evaluateTest(sh, operand);
        if (node.operator === "&&" ? status !== 0 : status === 0) break;
      }
      return status;
    }
    case "TestUnary": {
      const word = yield* expandText(sh, node.operand, "bare");
      if (node.operator === "-v") return isSetVariable(sh, word) ? 0 : 1;
      if (node.operator === "-o") return sh.options.has(word as "errexit") ? 0 : 1;
      return testUnary(sh.p, node.operator, word) ? 0 : 1;
    }
    case "TestBinary": {
      const { operator } = node;
      const left = yield* expandText(sh, node.left, "bare");
      const nocase = sh.shopts.has("nocasematch");
      if (operator === "==" || operator === "=" || operator === "!=") {
        const hit = matches(yield* expandPattern(sh, node.right), left, nocase);
        return hit === (operator !== "!=") ? 0 : 1;
      }
      if (operator === "=~") {
        const source = yield* expandRegex(sh, node.right);
        const regex = toRegex(source, { extended: true, flags: nocase ? "i" : "" });
        if (!regex) return 2;
        const match = regex.exec(left);
        sh.setList("BASH_REMATCH", match ? [...match].map((group) => group ?? "") : []);
        return match ? 0 : 1;
      }
      const right = yield* expandText(sh, node.right, "bare");
      if (operator === "<" || operator === ">")
        return (operator === "<" ? left < right : left > right) ? 0 : 1;
      if (/^-(eq|ne|lt|le|gt|ge)$/.test(operator)) {
        const a = sh.arith(left);
        const b = sh.arith(right);
        return compare(operator, a < b ? -1 : a > b ? 1 : 0) ? 0 : 1;
      }
      return testFiles(sh.p, operator, left, right) ? 0 : 1;
    }
  }
}

function isSetVariable(sh: Shell, word: string): boolean {
  const element = /^(\w+)\[(.*)\]$/.exec(word);
  const variable = sh.find(element?.[1] ?? word);
  if (!variable) return sh.get(word) !== null;
  if (!element) return variable.scalar() !== null;
  const index = element[2] as string;
  if (variable.dict) return variable.dict.has(index);
  return variable.list?.has(sh.listIndex(word, variable, index)) ?? index === "0";
}

function compare(operator: string, order: number): boolean {
  switch (operator) {
    case "-eq":
      return order === 0;
    case "-ne":
      return order !== 0;
    case "-lt":
      return order < 0;
    case "-le":
      return order <= 0;
    case "-gt":
      return order > 0;
    default:
      return order >= 0;
  }
}

export const UNARY = /^-[abcdefghkprstuvwxzGLNOSRn]$/;

/** The file and string tests that `test` and `[[` share. */
export function testUnary(p: Process, operator: string, word: string): boolean {
  if (operator === "-n") return word !== "";
  if (operator === "-z") return word === "";
  if (operator === "-t") return p.isTty(Number(word));
  if (word === "") return false;
  const fd = /^\/dev\/(?:fd\/(\d+)|std(in|out|err))$/.exec(word);
  if (fd) {
    const number =
      fd[1] !== undefined ? Number(fd[1]) : ["in", "out", "err"].indexOf(fd[2] as string);
    return p.fds[number] !== undefined && p.fds[number] !== null && operator !== "-f";
  }
  const link = operator === "-h" || operator === "-L";
  const stat = p.machine.fs.tryStat(p.path(word), p, !link);
  if (!stat) return false;
  switch (operator) {
    case "-f":
      return stat.kind === "file";
    case "-d":
      return stat.kind === "directory";
    case "-h":
    case "-L":
      return stat.kind === "symlink";
    case "-c":
      return stat.kind === "device";
    case "-s":
      return stat.size > 0;
    case "-r":
    case "-w":
      return p.uid === 0 || allowed(p, stat, operator === "-r" ? 4 : 2);
    case "-x":
      return p.uid === 0
        ? stat.kind === "directory" || (stat.mode & 0o111) !== 0
        : allowed(p, stat, 1);
    case "-u":
      return (stat.mode & 0o4000) !== 0;
    case "-g":
      return (stat.mode & 0o2000) !== 0;
    case "-k":
      return (stat.mode & 0o1000) !== 0;
    case "-O":
      return stat.uid === p.uid;
    case "-G":
      return stat.gid === p.gid;
    case "-b":
    case "-p":
    case "-S":
      return false;
    default:
      return true;
  }
}

function allowed(
  p: Process,
  stat: { uid: number; gid: number; mode: number },
  bit: number,
): boolean {
  const shift = stat.uid === p.uid ? 6 : stat.gid === p.gid ? 3 : 0;
  return ((stat.mode >> shift) & bit) !== 0;
}

function testFiles(p: Process, operator: string, left: string, right: string): boolean {
  const a = left === "" ? null : p.machine.fs.tryStat(p.path(left), p);
  const b = right === "" ? null : p.machine.fs.tryStat(p.path(right), p);
  if (operator === "-nt") return a !== null && (b === null || a.mtime > b.mtime);
  if (operator === "-ot") return b !== null && (a === null || a.mtime < b.mtime);
  return a !== null && b !== null && a.ino === b.ino;
}

export class TestError extends Error {}

/** `test` and `[` (POSIX test): by the number of operands first, then as an expression. */
export function testCommand(p: Process, args: readonly string[], who: string): boolean {
  const parser = new TestParser(p, args, who);
  if (args.length === 0) return false;
  if (args.length === 1) return args[0] !== "";
  if (args.length === 3 && BINARY.has(args[1] as string))
    return parser.binary(args[0] as string, args[1] as string, args[2] as string);
  if (args.length === 4 && args[0] === "!" && BINARY.has(args[2] as string))
    return !parser.binary(args[1] as string, args[2] as string, args[3] as string);
  const value = parser.or();
  if (parser.at < args.length) {
    const token = args[parser.at] as string;
    if (args.length === 2 || (args.length === 3 && !BINARY.has(args[1] as string))) {
      if (args.length === 2) throw new TestError(`${args[0]}: unary operator expected`);
      throw new TestError(`${args[1]}: binary operator expected`);
    }
    throw new TestError(token === ")" ? "too many arguments" : "too many arguments");
  }
  return value;
}

const BINARY: ReadonlySet<string> = new Set(
  "= == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef -a -o".split(" "),
);

class TestParser {
  p: Process;
  args: readonly string[];
  who: string;
  at = 0;

  constructor(p: Process, args: readonly string[], who: string) {
    this.p = p;
    this.args = args;
    this.who = who;
  }

  or(): boolean {
    let value = this.and();
    while (this.args[this.at] === "-o") {
      this.at++;
      value = this.and() || value;
    }
    return value;
  }

  and(): boolean {
    let value = this.not();
    while (this.args[this.at] === "-a") {
      this.at++;
      value = this.not() && value;
    }
    return value;
  }

  not(): boolean {
    if (this.args[this.at] === "!" && this.at + 1 < this.args.length) {
      this.at++;
      return !this.not();
    }
    return this.primary();
  }

  primary(): boolean {
    const { args } = this;
    const word = args[this.at];
    if (word === undefined) throw new TestError("argument expected");
    const operator = args[this.at + 1];
    if (operator !== undefined && BINARY.has(operator) && operator !== "-a" && operator !== "-o") {
      const right = args[this.at + 2];
      if (right === undefined && !UNARY.test(word)) throw new TestError("argument expected");
      if (right !== undefined) {
        this.at += 3;
        return this.binary(word, operator, right);
      }
    }
    if (word === "(") {
      this.at++;
      const value = this.or();
      if (args[this.at] !== ")") throw new TestError("`)' expected");
      this.at++;
      return value;
    }
    if (UNARY.test(word) && operator !== undefined) {
      this.at += 2;
      return testUnary(this.p, word, operator);
    }
    this.at++;
    return word !== "";
  }

  binary(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case "=":
      case "==":
        return left === right;
      case "!=":
        return left !== right;
      case "<":
        return left < right;
      case ">":
        return left > right;
      case "-a":
        return left !== "" && right !== "";
      case "-o":
        return left !== "" || right !== "";
      case "-nt":
      case "-ot":
      case "-ef":
        return testFiles(this.p, operator, left, right);
    }
    const a = this.integer(left);
    const b = this.integer(right);
    return compare(operator, a < b ? -1 : a > b ? 1 : 0);
  }

  integer(word: string): bigint {
    if (!/^\s*[-+]?\d+\s*$/.test(word)) throw new TestError(`${word}: integer expression expected`);
    return BigInt(word.trim().replace(/^\+/, ""));
  }
}
