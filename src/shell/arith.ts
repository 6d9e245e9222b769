/** Shell arithmetic (POSIX 2.6.4, bash "Shell Arithmetic"): 64-bit integers that wrap. */
export class ArithError extends Error {}

export interface ArithScope {
  get(name: string, index: string | null): string | null;
  set(name: string, index: string | null, value: string): void;
}

type Node =
  | { op: "num"; value: bigint }
  | { op: "var"; name: string; index: string | null }
  | { op: "unary"; what: string; arg: Node }
  | { op: "step"; what: "++" | "--"; prefix: boolean; arg: Node }
  | { op: "binary"; what: string; left: Node; right: Node }
  | { op: "assign"; what: string; left: Node; right: Node }
  | { op: "cond"; test: Node; then: Node; other: Node };

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+#[0-9a-zA-Z@_]+|\d+)|([A-Za-z_]\w*)|(<<=|>>=|\*\*|\+\+|--|<=|>=|==|!=|&&|\|\||<<|>>|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|[-+*/%<>=!~&|^?:(),[\]]))/y;

const LEVELS = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const ASSIGN = new Set(["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="]);

class Parser {
  source: string;
  at = 0;
  kind: "num" | "name" | "op" | "end" = "end";
  token = "";
  start = 0;

  constructor(source: string) {
    this.source = source;
    this.next();
  }

  next(): void {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.source);
    const before = this.start;
    this.start = this.at;
    if (!match) {
      if (this.source.slice(this.at).trim() !== "") this.fail("syntax error: operand expected");
      this.kind = "end";
      this.token = "";
      // An error at the end is told at the last token.
      this.start = before;
      return;
    }
    this.start = TOKEN.lastIndex - match[0].trimStart().length;
    this.at = TOKEN.lastIndex;
    this.token = match[1] ?? match[2] ?? match[3] ?? "";
    this.kind = match[1] !== undefined ? "num" : match[2] !== undefined ? "name" : "op";
  }

  fail(what: string): never {
    const rest = this.source.slice(this.start).trimStart();
    throw new ArithError(`${this.source}: ${what} (error token is "${rest}")`);
  }

  atEnd(): boolean {
    return this.kind === "end";
  }

  is(token: string): boolean {
    return this.kind === "op" && this.token === token;
  }

  expect(token: string): void {
    if (!this.is(token)) this.fail(`syntax error: \`${token}' expected`);
    this.next();
  }

  whole(): Node {
    if (this.atEnd()) return { op: "num", value: 0n };
    const node = this.comma();
    if (!this.atEnd())
      this.fail(
        ASSIGN.has(this.token)
          ? "attempted assignment to non-variable"
          : "syntax error in expression",
      );
    return node;
  }

  comma(): Node {
    let left = this.assign();
    while (this.is(",")) {
      this.next();
      left = { op: "binary", what: ",", left, right: this.assign() };
    }
    return left;
  }

  assign(): Node {
    const left = this.cond();
    if (this.kind === "op" && ASSIGN.has(this.token)) {
      if (left.op !== "var") this.fail("attempted assignment to non-variable");
      const what = this.token.slice(0, -1);
      this.next();
      return { op: "assign", what, left, right: this.assign() };
    }
    return left;
  }

  cond(): Node {
    const test = this.binary(0);
    if (!this.is("?")) return test;
    this.next();
    const then = this.assign();
    this.expect(":");
    return { op: "cond", test, then, other: this.assign() };
  }

  binary(level: number): Node {
    const operators = LEVELS[level];
    if (!operators) return this.power();
    let left = this.binary(level + 1);
    while (this.kind === "op" && operators.includes(this.token)) {
      const what = this.token;
      this.next();
      left = { op: "binary", what, left, right: this.binary(level + 1) };
    }
    return left;
  }

  power(): Node {
    const left = this.unary();
    if (!this.is("**")) return left;
    this.next();
    return { op: "binary", what: "**", left, right: this.power() };
  }

  unary(): Node {
    if (this.is("++") || this.is("--")) {
      const what = this.token as "++" | "--";
      this.next();
      const arg = this.unary();
      if (arg.op === "var") return { op: "step", what, prefix: true, arg };
      const sign = what[0] as string;
      return { op: "unary", what: sign, arg: { op: "unary", what: sign, arg } };
    }
    if (this.kind === "op" && "+-!~".includes(this.token)) {
      const what = this.token;
      this.next();
      return { op: "unary", what, arg: this.unary() };
    }
    return this.postfix();
  }

  postfix(): Node {
    const node = this.primary();
    if (node.op === "var" && (this.is("++") || this.is("--"))) {
      const what = this.token as "++" | "--";
      this.next();
      return { op: "step", what, prefix: false, arg: node };
    }
    return node;
  }

  primary(): Node {
    if (this.kind === "num") {
      const value = this.number(this.token);
      this.next();
      return { op: "num", value };
    }
    if (this.kind === "name") {
      const name = this.token;
      const after = this.at;
      if (this.source[after] === "[") {
        let depth = 0;
        let end = after;
        for (; end < this.source.length; end++) {
          if (this.source[end] === "[") depth++;
          else if (this.source[end] === "]" && --depth === 0) break;
        }
        const index = this.source.slice(after + 1, end);
        this.at = end + 1;
        this.next();
        return { op: "var", name, index };
      }
      this.next();
      return { op: "var", name, index: null };
    }
    if (this.is("(")) {
      this.next();
      const node = this.comma();
      if (!this.is(")")) this.fail("missing `)'");
      this.next();
      return node;
    }
    return this.fail("syntax error: operand expected");
  }

  number(text: string): bigint {
    if (/^0[xX]/.test(text)) return BigInt(text);
    const based = /^(\d+)#(.+)$/.exec(text);
    if (based) {
      const base = Number(based[1]);
      let value = 0n;
      for (const c of based[2] as string) {
        let digit = "0123456789abcdefghijklmnopqrstuvwxyz".indexOf(
          base <= 36 ? c.toLowerCase() : c,
        );
        if (digit < 0) digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ@_".indexOf(c) + 36;
        if (digit < 0 || digit >= base) this.fail("value too great for base");
        value = value * BigInt(base) + BigInt(digit);
      }
      return value;
    }
    if (/^0\d/.test(text)) {
      if (/[89]/.test(text)) this.fail("value too great for base");
      return BigInt(`0o${text.slice(1)}`);
    }
    return BigInt(text);
  }
}

const memo = new Map<string, Node>();

function parseArith(source: string): Node {
  let node = memo.get(source);
  if (!node) {
    node = new Parser(source).whole();
    if (memo.size > 2000) memo.clear();
    memo.set(source, node);
  }
  return node;
}

const wrap = (value: bigint) => BigInt.asIntN(64, value);

class Evaluator {
  scope: ArithScope;
  source: string;
  depth: number;

  constructor(scope: ArithScope, source: string, depth: number) {
    this.scope = scope;
    this.source = source;
    this.depth = depth;
  }

  read(node: Node): bigint {
    if (node.op !== "var") return this.run(node);
    const text = this.scope.get(node.name, node.index);
    if (text === null || text === "") return 0n;
    if (/^(0|-?[1-9]\d*)$/.test(text)) return wrap(BigInt(text));
    if (this.depth > 100)
      throw new ArithError(`${this.source}: expression recursion level exceeded`);
    return evaluate(text, this.scope, this.depth + 1);
  }

  store(node: Node, value: bigint): bigint {
    if (node.op === "var") this.scope.set(node.name, node.index, value.toString());
    return value;
  }

  run(node: Node): bigint {
    switch (node.op) {
      case "num":
        return wrap(node.value);
      case "var":
        return this.read(node);
      case "unary": {
        const value = this.run(node.arg);
        if (node.what === "-") return wrap(-value);
        if (node.what === "!") return value === 0n ? 1n : 0n;
        return node.what === "~" ? wrap(~value) : value;
      }
      case "step": {
        const before = this.read(node.arg);
        const after = this.store(node.arg, wrap(node.what === "++" ? before + 1n : before - 1n));
        return node.prefix ? after : before;
      }
      case "assign": {
        const right = this.run(node.right);
        if (node.what === "") return this.store(node.left, right);
        return this.store(node.left, this.apply(node.what, this.read(node.left), right));
      }
      case "cond":
        return this.run(this.run(node.test) !== 0n ? node.then : node.other);
      case "binary": {
        if (node.what === "&&")
          return this.run(node.left) !== 0n && this.run(node.right) !== 0n ? 1n : 0n;
        if (node.what === "||")
          return this.run(node.left) !== 0n || this.run(node.right) !== 0n ? 1n : 0n;
        const left = this.run(node.left);
        return this.apply(node.what, left, this.run(node.right));
      }
    }
  }

  apply(what: string, a: bigint, b: bigint): bigint {
    const bool = (value: boolean) => (value ? 1n : 0n);
    switch (what) {
      case "+":
        return wrap(a + b);
      case "-":
        return wrap(a - b);
      case "*":
        return wrap(a * b);
      case "/":
      case "%":
        if (b === 0n) throw new ArithError(`${this.source}: division by 0 (error token is "${b}")`);
        return wrap(what === "/" ? a / b : a % b);
      case "**": {
        if (b < 0n)
          throw new ArithError(`${this.source}: exponent less than 0 (error token is "${b}")`);
        let out = 1n;
        for (let i = 0n; i < b; i++) out = wrap(out * a);
        return out;
      }
      case "<<":
        return wrap(a << (b & 63n));
      case ">>":
        return wrap(a >> (b & 63n));
      case "&":
        return a & b;
      case "|":
        return a | b;
      case "^":
        return a ^ b;
      case "==":
        return bool(a === b);
      case "!=":
        return bool(a !== b);
      case "<":
        return bool(a < b);
      case ">":
        return bool(a > b);
      case "<=":
        return bool(a <= b);
      case ">=":
        return bool(a >= b);
      default:
        return b;
    }
  }
}

export function evaluate(source: string, scope: ArithScope, depth = 0): bigint {
  if (/^\s*(0|[1-9]\d{0,15})\s*$/.test(source)) return BigInt(source.trim());
  return new Evaluator(scope, source.trim(), depth).run(parseArith(source.trim()));
}
