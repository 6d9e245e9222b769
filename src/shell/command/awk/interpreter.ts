import { type Process, type Run, STEP_COST } from "../../../host/process.ts";
import { closeInput, Lines, openInput } from "../../lib/input.ts";
import { toRegex } from "../../lib/regex.ts";
import { callBuiltin, formatValue } from "./builtins.ts";
import { AwkError } from "./lexer.ts";
import type { Expr, Program, Rule, Stmt } from "./parser.ts";
import { Streams } from "./streams.ts";
import { fromInput, isNumeric, toBoolean, toNumber, type Value } from "./value.ts";

export type AwkArray = Map<string, Value>;
type Cell = Value | AwkArray;

type Flow = "" | "next" | "nextfile" | "exit" | "break" | "continue" | "return";

/** Runs a program: patterns over records, with fields made when somebody asks (POSIX awk). */
export class Awk {
  p: Process;
  /** What it was called. */
  name = "awk";
  program: Program;
  streams: Streams;
  globals = new Map<string, Cell>();
  frames: Map<string, Cell>[] = [];
  record = "";
  fields: Value[] = [];
  split = true;
  /** Fields were changed: $0 is to be made anew. */
  stale = false;
  nf = 0;
  flow: Flow = "";
  returned: Value = undefined;
  exitStatus = 0;
  steps = 0;
  operands: string[] = [];
  lines: Lines | null = null;
  fd = -1;
  usedFile = false;
  inRange = new Set<Rule>();
  seed = 0;
  random = 0;

  constructor(p: Process, program: Program) {
    this.p = p;
    this.program = program;
    this.streams = new Streams(p);
    const start: [string, Value][] = [
      ["FS", " "],
      ["OFS", " "],
      ["ORS", "\n"],
      ["RS", "\n"],
      ["NR", 0],
      ["FNR", 0],
      ["SUBSEP", "\x1c"],
      ["CONVFMT", "%.6g"],
      ["OFMT", "%.6g"],
      ["RSTART", 0],
      ["RLENGTH", -1],
      ["FILENAME", ""],
    ];
    for (const [name, value] of start) this.globals.set(name, value);
    const environ: AwkArray = new Map();
    for (const [name, value] of p.env) environ.set(name, fromInput(value));
    this.globals.set("ENVIRON", environ);
  }

  // Variables.

  frameOf(name: string): Map<string, Cell> {
    const frame = this.frames[this.frames.length - 1];
    return frame?.has(name) ? frame : this.globals;
  }

  get(name: string): Value {
    if (name === "NF") {
      this.splitRecord();
      return this.nf;
    }
    const cell = this.frameOf(name).get(name);
    if (cell instanceof Map) throw new AwkError(`can't use array ${name} as a scalar`);
    return cell;
  }

  text(name: string): string {
    return this.toText(this.get(name));
  }

  set(name: string, value: Value): void {
    if (name === "NF") {
      this.splitRecord();
      const count = Math.max(0, Math.trunc(toNumber(value)));
      while (this.nf < count) this.fields[++this.nf] = "";
      this.nf = count;
      this.fields.length = count + 1;
      this.stale = true;
      return;
    }
    this.frameOf(name).set(name, value);
  }

  array(name: string): AwkArray {
    const frame = this.frameOf(name);
    const cell = frame.get(name);
    if (cell instanceof Map) return cell;
    if (cell !== undefined) throw new AwkError(`can't use scalar ${name} as array`);
    const array: AwkArray = new Map();
    frame.set(name, array);
    return array;
  }

  toText(value: Value): string {
    if (typeof value === "string") return value;
    if (value === undefined) return "";
    if (typeof value !== "number") return value.text;
    if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value);
    return formatValue(this.globals.get("CONVFMT") as string, value);
  }

  // Records and fields.

  setRecord(text: string): void {
    this.record = text;
    this.split = false;
    this.stale = false;
  }

  splitRecord(): void {
    if (this.split) return;
    this.split = true;
    const pieces = this.splitText(this.record, this.globals.get("FS") as Value);
    this.fields = [undefined, ...pieces.map(fromInput)];
    this.nf = pieces.length;
  }

  splitText(text: string, separator: Value | RegExp): string[] {
    if (text === "") return [];
    if (separator instanceof RegExp)
      return text.split(separator.source === "(?:)" ? "" : plainGroups(separator));
    const fs = this.toText(separator);
    const paragraph = this.toText(this.globals.get("RS") as Value) === "";
    if (fs === " ")
      return text.trim() === "" ? [] : text.replace(/^[ \t\n]+|[ \t\n]+$/g, "").split(/[ \t\n]+/);
    if (fs === "") return [...text];
    if (fs.length === 1 && fs !== "\\" && !/[.*+?^$()[\]{}|]/.test(fs) && !paragraph)
      return text.split(fs);
    const source =
      fs.length === 1 && fs !== " " ? (/[\\^$.*+?()[\]{}|]/.test(fs) ? `\\${fs}` : fs) : fs;
    const regex = this.regex(paragraph ? `(${source})|\n` : source);
    return text.split(plainGroups(regex));
  }

  field(index: number): Value {
    if (index < 0) throw new AwkError(`negative field index $${index}`);
    if (index === 0) return fromInput(this.wholeRecord());
    this.splitRecord();
    return index <= this.nf ? this.fields[index] : undefined;
  }

  wholeRecord(): string {
    if (this.stale) {
      const parts: string[] = [];
      for (let i = 1; i <= this.nf; i++) parts.push(this.toText(this.fields[i]));
      this.record = parts.join(this.text("OFS"));
      this.stale = false;
    }
    return this.record;
  }

  setField(index: number, value: Value): void {
    if (index === 0) {
      this.setRecord(this.toText(value));
      return;
    }
    this.splitRecord();
    while (this.nf < index) this.fields[++this.nf] = "";
    this.fields[index] = value;
    this.stale = true;
  }

  regex(source: string): RegExp {
    const regex = toRegex(source, { extended: true, awk: true, flags: "g" });
    if (!regex)
      throw new AwkError(
        `regular expression compile failed (bad class -- [], [^] or [)\n${source}`,
      );
    return regex;
  }

  /** The next record of the main input; false at its end. */
  *nextRecord(): Run<string | null> {
    for (;;) {
      if (!this.lines && !(yield* this.nextFile())) return null;
      const line = yield* this.readRecord(this.lines as Lines);
      if (line !== null) {
        this.globals.set("NR", toNumber(this.get("NR")) + 1);
        this.globals.set("FNR", toNumber(this.get("FNR")) + 1);
        return line;
      }
      this.closeFile();
    }
  }

  closeFile(): void {
    if (this.lines) closeInput(this.p, this.fd);
    this.lines = null;
  }

  *nextFile(): Run<boolean> {
    for (;;) {
      let name = this.operands.shift();
      if (name === undefined) {
        if (this.usedFile) return false;
        name = "-";
      }
      if (name === "") continue;
      const match = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(name);
      if (match) {
        this.set(match[1] as string, fromInput(match[2] as string));
        continue;
      }
      this.usedFile = true;
      const fd = openInput(this.p, name);
      if (typeof fd === "string") {
        yield* this.streams.flush();
        yield* this.p.err(`${this.name}: cannot open ${name} (${fd})\n`);
        this.exitStatus = 2;
        if (this.operands.length === 0) throw new AwkError("");
        continue;
      }
      this.fd = fd;
      this.lines = new Lines(this.p, fd);
      this.globals.set("FILENAME", name === "-" ? "" : name);
      this.globals.set("FNR", 0);
      return true;
    }
  }

  /** By RS: a newline, one character, blank lines, or a regular expression. */
  *readRecord(lines: Lines): Run<string | null> {
    const rs = this.toText(this.globals.get("RS") as Value);
    if (rs === "\n" || rs.length === 1) {
      lines.end = rs;
      const line = yield* lines.next();
      // The newline at the end of the file belongs to no record of another RS.
      if (line !== null && rs !== "\n" && lines.partial)
        return line === "\n" ? null : line.replace(/\n$/, "");
      return line;
    }
    lines.end = "\n";
    if (rs === "") {
      let text: string | null = null;
      for (;;) {
        const line = yield* lines.next();
        if (line === null) return text;
        if (line === "") {
          if (text !== null) return text;
        } else text = text === null ? line : `${text}\n${line}`;
      }
    }
    const rest: string[] = [];
    for (let line = yield* lines.next(); line !== null; line = yield* lines.next()) rest.push(line);
    if (rest.length === 0) return null;
    const text = rest.join("\n");
    const match = this.regex(rs).exec(`${text}\n`);
    if (!match || match.index + match[0].length > text.length) return text;
    // What follows is put back, to be read again.
    lines.buffer = `${text.slice(match.index + match[0].length)}\n`;
    lines.from = 0;
    return text.slice(0, match.index);
  }

  // Running.

  *run(): Run {
    const { rules } = this.program;
    const run = function* (this: Awk, kind: string): Run<void> {
      for (const rule of rules)
        if (rule.kind === kind && rule.body && this.flow !== "exit")
          yield* this.statement(rule.body);
    };
    yield* run.call(this, "BEGIN");
    const main = rules.filter((rule) => rule.kind === "main");
    if (this.flow !== "exit" && (main.length > 0 || rules.some((rule) => rule.kind === "END"))) {
      for (let line = yield* this.nextRecord(); line !== null; line = yield* this.nextRecord()) {
        this.setRecord(line);
        yield* this.matchRules(main);
        if ((this.flow as Flow) === "exit") break;
      }
    }
    if (this.flow === "exit") this.flow = "";
    yield* run.call(this, "END");
    yield* this.streams.end();
    return this.exitStatus;
  }

  *matchRules(rules: Rule[]): Run<void> {
    for (const rule of rules) {
      if (!(yield* this.selects(rule))) continue;
      if (rule.body) yield* this.statement(rule.body);
      else yield* this.streams.stdout.write(`${this.wholeRecord()}${this.text("ORS")}`);
      if (this.flow === "nextfile") this.closeFile();
      if (this.flow === "next" || this.flow === "nextfile") {
        this.flow = "";
        return;
      }
      if (this.flow === "exit") return;
    }
  }

  *selects(rule: Rule): Run<boolean> {
    if (!rule.from) return true;
    if (!rule.to) return toBoolean(yield* this.eval(rule.from));
    if (!this.inRange.has(rule)) {
      if (!toBoolean(yield* this.eval(rule.from))) return false;
      this.inRange.add(rule);
    }
    if (toBoolean(yield* this.eval(rule.to))) this.inRange.delete(rule);
    return true;
  }

  /** A busy program lets the clock and signals in. */
  *turn(): Run<void> {
    if (++this.steps % 500 === 0) yield { on: [], until: this.p.sim.now + STEP_COST };
  }

  /** True when the loop is to end. */
  leaves(): boolean {
    if (this.flow === "") return false;
    if (this.flow === "continue") {
      this.flow = "";
      return false;
    }
    if (this.flow === "break") this.flow = "";
    return true;
  }

  *statement(node: Stmt): Run<void> {
    switch (node.op) {
      case "block":
        for (const one of node.body) {
          yield* this.statement(one);
          if (this.flow) return;
        }
        return;
      case "expr":
        yield* this.eval(node.value);
        return;
      case "print":
        yield* this.print(node);
        return;
      case "if":
        if (toBoolean(yield* this.eval(node.test))) yield* this.statement(node.then);
        else if (node.other) yield* this.statement(node.other);
        return;
      case "while":
        while (toBoolean(yield* this.eval(node.test))) {
          yield* this.turn();
          yield* this.statement(node.body);
          if (this.leaves()) return;
        }
        return;
      case "do":
        do {
          yield* this.turn();
          yield* this.statement(node.body);
          if (this.leaves()) return;
        } while (toBoolean(yield* this.eval(node.test)));
        return;
      case "for":
        if (node.first) yield* this.statement(node.first);
        while (!node.test || toBoolean(yield* this.eval(node.test))) {
          yield* this.turn();
          yield* this.statement(node.body);
          if (this.leaves()) return;
          if (node.update) yield* this.statement(node.update);
        }
        return;
      case "each": {
        const array = this.array(node.array);
        for (const key of [...array.keys()]) {
          if (!array.has(key)) continue;
          this.set(node.name, fromInput(key));
          yield* this.statement(node.body);
          if (this.leaves()) return;
        }
        return;
      }
      case "delete":
        if (node.keys) this.array(node.name).delete(yield* this.key(node.keys));
        else this.array(node.name).clear();
        return;
      case "exit":
        if (node.value) this.exitStatus = toNumber(yield* this.eval(node.value)) & 255;
        this.flow = "exit";
        return;
      case "return":
        this.returned = node.value ? yield* this.eval(node.value) : undefined;
        this.flow = "return";
        return;
      default:
        this.flow = node.op;
    }
  }

  *print(node: Extract<Stmt, { op: "print" }>): Run<void> {
    const values: Value[] = [];
    for (const arg of node.args) values.push(yield* this.eval(arg));
    let text: string;
    if (node.printf) {
      const [format, ...rest] = values;
      text = formatValue(this.toText(format), ...rest);
    } else if (values.length === 0) text = this.wholeRecord() + this.text("ORS");
    else {
      const shown = values.map((value) =>
        typeof value === "number" && !Number.isInteger(value)
          ? formatValue(this.text("OFMT"), value)
          : this.toText(value),
      );
      text = shown.join(this.text("OFS")) + this.text("ORS");
    }
    if (!node.to) {
      yield* this.streams.stdout.write(text);
      return;
    }
    const name = this.toText(yield* this.eval(node.to));
    const output = yield* this.streams.sink(node.redirect, name);
    yield* output.write(text);
  }

  *key(keys: Expr[]): Run<string> {
    const parts: string[] = [];
    for (const key of keys) parts.push(this.toText(yield* this.eval(key)));
    return parts.length === 1 ? (parts[0] as string) : parts.join(this.text("SUBSEP"));
  }

  *store(target: Expr, value: Value): Run<void> {
    if (target.op === "var") this.set(target.name, value);
    else if (target.op === "field")
      this.setField(Math.trunc(toNumber(yield* this.eval(target.index))), value);
    else if (target.op === "index")
      this.array(target.name).set(yield* this.key(target.keys), value);
    else if (target.op === "group" && target.list[0]) yield* this.store(target.list[0], value);
    else throw new AwkError("assignment to something that cannot be assigned to");
  }

  /** An expression used as a regular expression: a literal is itself, a text is compiled. */
  *pattern(node: Expr): Run<RegExp> {
    if (node.op === "regex") return this.regex(node.source);
    return this.regex(this.toText(yield* this.eval(node)));
  }

  *eval(node: Expr): Run<Value> {
    switch (node.op) {
      case "number":
      case "string":
        return node.value;
      case "regex":
        return this.regex(node.source).test(this.wholeRecord()) ? 1 : 0;
      case "var":
        return this.get(node.name);
      case "field":
        return this.field(Math.trunc(toNumber(yield* this.eval(node.index))));
      case "index": {
        const array = this.array(node.name);
        const key = yield* this.key(node.keys);
        // Looking makes it (POSIX).
        if (!array.has(key)) array.set(key, undefined);
        return array.get(key);
      }
      case "group": {
        const [only] = node.list;
        if (node.list.length !== 1 || !only)
          throw new AwkError("a list stands where a value should");
        return yield* this.eval(only);
      }
      case "assign": {
        let value = yield* this.eval(node.value);
        if (node.what !== "") {
          const old = toNumber(yield* this.eval(node.target));
          value = arithmetic(node.what, old, toNumber(value));
        }
        yield* this.store(node.target, value);
        return value;
      }
      case "cond":
        return yield* this.eval(toBoolean(yield* this.eval(node.test)) ? node.then : node.other);
      case "and":
        return toBoolean(yield* this.eval(node.left)) && toBoolean(yield* this.eval(node.right))
          ? 1
          : 0;
      case "or":
        return toBoolean(yield* this.eval(node.left)) || toBoolean(yield* this.eval(node.right))
          ? 1
          : 0;
      case "in":
        return this.array(node.name).has(yield* this.key(node.keys)) ? 1 : 0;
      case "match": {
        const text = this.toText(yield* this.eval(node.left));
        const regex = yield* this.pattern(node.right);
        regex.lastIndex = 0;
        return regex.test(text) !== node.negate ? 1 : 0;
      }
      case "concat": {
        const left = this.toText(yield* this.eval(node.left));
        return left + this.toText(yield* this.eval(node.right));
      }
      case "binary": {
        const left = yield* this.eval(node.left);
        const right = yield* this.eval(node.right);
        if (!/^[<>=!]/.test(node.what))
          return arithmetic(node.what, toNumber(left), toNumber(right));
        return this.compare(node.what, left, right) ? 1 : 0;
      }
      case "unary": {
        const value = yield* this.eval(node.arg);
        if (node.what === "!") return toBoolean(value) ? 0 : 1;
        return node.what === "-" ? -toNumber(value) : toNumber(value);
      }
      case "step": {
        const old = toNumber(yield* this.eval(node.target));
        const next = node.what === "++" ? old + 1 : old - 1;
        yield* this.store(node.target, next);
        return node.prefix ? next : old;
      }
      case "getline":
        return yield* this.getline(node);
      case "builtin":
        return yield* callBuiltin(this, node.name, node.args);
      case "call":
        return yield* this.call(node.name, node.args);
    }
  }

  compare(what: string, left: Value, right: Value): boolean {
    let order: number;
    if (isNumeric(left) && isNumeric(right)) order = toNumber(left) - toNumber(right);
    else {
      const a = this.toText(left);
      const b = this.toText(right);
      order = a < b ? -1 : a > b ? 1 : 0;
    }
    switch (what) {
      case "<":
        return order < 0;
      case "<=":
        return order <= 0;
      case "==":
        return order === 0;
      case "!=":
        return order !== 0;
      case ">":
        return order > 0;
      default:
        return order >= 0;
    }
  }

  *getline(node: Extract<Expr, { op: "getline" }>): Run<Value> {
    let line: string | null;
    if (node.kind === "main") {
      line = yield* this.nextRecord();
    } else {
      const name = this.toText(yield* this.eval(node.source as Expr));
      const lines = yield* this.streams.source(node.kind, name);
      if (!lines) return -1;
      line = yield* this.readRecord(lines);
      if (line !== null && node.kind === "pipe")
        this.globals.set("NR", toNumber(this.get("NR")) + 1);
    }
    if (line === null) return 0;
    if (node.target) yield* this.store(node.target, fromInput(line));
    else this.setRecord(line);
    return 1;
  }

  *call(name: string, args: Expr[]): Run<Value> {
    const fn = this.program.functions.get(name);
    if (!fn) throw new AwkError(`function ${name} never defined`);
    if (this.frames.length > 500) throw new AwkError(`function call nesting too deep: ${name}`);
    const frame = new Map<string, Cell>();
    const late: [string, string][] = [];
    for (let i = 0; i < fn.params.length; i++) {
      const param = fn.params[i] as string;
      const arg = args[i];
      if (arg?.op === "var" && arg.name !== "NF") {
        const cell = this.frameOf(arg.name).get(arg.name);
        frame.set(param, cell);
        // An untouched variable may turn out to be an array in there.
        if (cell === undefined) late.push([param, arg.name]);
      } else frame.set(param, arg ? yield* this.eval(arg) : undefined);
    }
    yield* this.turn();
    const outer = this.frames.length;
    this.frames.push(frame);
    this.returned = undefined;
    yield* this.statement(fn.body);
    this.frames.length = outer;
    if (this.flow === "return") this.flow = "";
    for (const [param, variable] of late) {
      const cell = frame.get(param);
      if (cell instanceof Map) this.frameOf(variable).set(variable, cell);
    }
    const value = this.returned;
    this.returned = undefined;
    return value;
  }
}

/** String.split keeps groups; here only the pieces between are wanted. */
function plainGroups(regex: RegExp): RegExp {
  if (!/\((?!\?)/.test(regex.source)) return regex;
  const source = regex.source.replace(/\\.|\[(?:\\.|[^\]])*\]|\((?!\?)/g, (part) =>
    part === "(" ? "(?:" : part,
  );
  return new RegExp(source, regex.flags);
}

function arithmetic(what: string, a: number, b: number): number {
  switch (what) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      if (b === 0) throw new AwkError("division by zero");
      return a / b;
    case "%":
      if (b === 0) throw new AwkError("division by zero in %");
      return a % b;
    default:
      return a ** b;
  }
}
