import { AwkError, type Token, tokenize } from "./lexer.ts";

export type Expr =
  | { op: "number"; value: number }
  | { op: "string"; value: string }
  | { op: "regex"; source: string }
  | { op: "var"; name: string }
  | { op: "field"; index: Expr }
  | { op: "index"; name: string; keys: Expr[] }
  | { op: "assign"; what: string; target: Expr; value: Expr }
  | { op: "cond"; test: Expr; then: Expr; other: Expr }
  | { op: "and" | "or"; left: Expr; right: Expr }
  | { op: "in"; keys: Expr[]; name: string }
  | { op: "match"; negate: boolean; left: Expr; right: Expr }
  | { op: "binary"; what: string; left: Expr; right: Expr }
  | { op: "concat"; left: Expr; right: Expr }
  | { op: "unary"; what: string; arg: Expr }
  | { op: "step"; what: string; prefix: boolean; target: Expr }
  | { op: "call"; name: string; args: Expr[] }
  | { op: "builtin"; name: string; args: Expr[] }
  | { op: "getline"; kind: "main" | "file" | "pipe"; target: Expr | null; source: Expr | null }
  | { op: "group"; list: Expr[] };

export type Stmt =
  | { op: "block"; body: Stmt[] }
  | { op: "expr"; value: Expr }
  | { op: "print"; printf: boolean; args: Expr[]; redirect: string; to: Expr | null }
  | { op: "if"; test: Expr; then: Stmt; other: Stmt | null }
  | { op: "while"; test: Expr; body: Stmt }
  | { op: "do"; test: Expr; body: Stmt }
  | { op: "for"; first: Stmt | null; test: Expr | null; update: Stmt | null; body: Stmt }
  | { op: "each"; name: string; array: string; body: Stmt }
  | { op: "delete"; name: string; keys: Expr[] | null }
  | { op: "exit" | "return"; value: Expr | null }
  | { op: "next" | "nextfile" | "break" | "continue" };

export interface Rule {
  kind: "BEGIN" | "END" | "main";
  from: Expr | null;
  to: Expr | null;
  body: Stmt | null;
}

export interface AwkFunction {
  params: string[];
  body: Stmt;
}

export interface Program {
  rules: Rule[];
  functions: Map<string, AwkFunction>;
}

/** Recursive descent over POSIX awk's grammar. */
export class AwkParser {
  tokens: Token[];
  at = 0;
  /** In `for (x in y)` and print's list `in` and `>` mean something else. */
  noIn = false;
  noGt = false;
  functions = new Map<string, AwkFunction>();

  constructor(source: string) {
    this.tokens = tokenize(source);
  }

  get token(): Token {
    return this.tokens[this.at] as Token;
  }

  fail(): never {
    const { text, kind, line } = this.token;
    const near = kind === "end" ? "end of file" : kind === "newline" ? "unexpected newline" : text;
    throw new AwkError(`line ${line}: syntax error at or near ${near}`);
  }

  is(text: string): boolean {
    const { token } = this;
    return (token.kind === "op" || token.kind === "keyword") && token.text === text;
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  newlines(): void {
    while (this.token.kind === "newline") this.at++;
  }

  terminators(): void {
    while (this.token.kind === "newline" || this.is(";")) this.at++;
  }

  program(): Program {
    const rules: Rule[] = [];
    this.terminators();
    while (this.token.kind !== "end") {
      if (this.take("function")) this.function();
      else rules.push(this.rule());
      this.terminators();
    }
    return { rules, functions: this.functions };
  }

  function(): void {
    const name = this.token.text;
    if (this.token.kind !== "name" && this.token.kind !== "call") this.fail();
    this.at++;
    this.expect("(");
    const params: string[] = [];
    while (!this.is(")")) {
      if (this.token.kind !== "name") this.fail();
      params.push(this.token.text);
      this.at++;
      if (!this.take(",")) break;
      this.newlines();
    }
    this.expect(")");
    this.newlines();
    this.functions.set(name, { params, body: this.block() });
  }

  rule(): Rule {
    if (this.take("BEGIN")) {
      this.newlines();
      return { kind: "BEGIN", from: null, to: null, body: this.block() };
    }
    if (this.take("END")) {
      this.newlines();
      return { kind: "END", from: null, to: null, body: this.block() };
    }
    let from: Expr | null = null;
    let to: Expr | null = null;
    if (!this.is("{")) {
      from = this.expr();
      if (this.take(",")) {
        this.newlines();
        to = this.expr();
      }
    }
    return { kind: "main", from, to, body: this.is("{") ? this.block() : null };
  }

  block(): Stmt {
    this.expect("{");
    const body: Stmt[] = [];
    this.terminators();
    while (!this.is("}")) {
      if (this.token.kind === "end")
        throw new AwkError(`line ${this.token.line + 1}: missing } near end of file`);
      body.push(this.statement());
      this.terminators();
    }
    this.at++;
    return { op: "block", body };
  }

  /** After a simple statement: `;`, a newline, or what closes the block. */
  end(): void {
    if (this.take(";") || this.is("}")) return;
    if (this.token.kind === "newline" || this.token.kind === "end") {
      if (this.token.kind === "newline") this.at++;
      return;
    }
    this.fail();
  }

  body(): Stmt {
    this.newlines();
    if (this.take(";")) return { op: "block", body: [] };
    return this.statement();
  }

  statement(): Stmt {
    if (this.is("{")) return this.block();
    if (this.take("if")) {
      this.expect("(");
      const test = this.expr();
      this.expect(")");
      const then = this.body();
      const mark = this.at;
      this.terminators();
      if (this.take("else")) return { op: "if", test, then, other: this.body() };
      this.at = mark;
      return { op: "if", test, then, other: null };
    }
    if (this.take("while")) {
      this.expect("(");
      const test = this.expr();
      this.expect(")");
      return { op: "while", test, body: this.body() };
    }
    if (this.take("do")) {
      const body = this.body();
      this.terminators();
      this.expect("while");
      this.expect("(");
      const test = this.expr();
      this.expect(")");
      this.end();
      return { op: "do", test, body };
    }
    if (this.take("for")) return this.for();
    const statement = this.simple();
    this.end();
    return statement;
  }

  for(): Stmt {
    this.expect("(");
    const [name, word, array, close] = this.tokens.slice(this.at, this.at + 4);
    if (
      name?.kind === "name" &&
      word?.text === "in" &&
      array?.kind === "name" &&
      close?.text === ")"
    ) {
      this.at += 4;
      return { op: "each", name: name.text, array: array.text, body: this.body() };
    }
    const first = this.is(";") ? null : this.simple();
    this.expect(";");
    this.newlines();
    const test = this.is(";") ? null : this.expr();
    this.expect(";");
    this.newlines();
    const update = this.is(")") ? null : this.simple();
    this.expect(")");
    return { op: "for", first, test, update, body: this.body() };
  }

  simple(): Stmt {
    for (const op of ["next", "nextfile", "break", "continue"] as const)
      if (this.take(op)) return { op };
    for (const op of ["exit", "return"] as const)
      if (this.take(op)) {
        const bare =
          this.is(";") ||
          this.is("}") ||
          this.token.kind === "newline" ||
          this.token.kind === "end";
        return { op, value: bare ? null : this.expr() };
      }
    if (this.take("delete")) {
      const name = this.token.text;
      this.at++;
      if (!this.take("[")) return { op: "delete", name, keys: null };
      const keys = this.list("]");
      return { op: "delete", name, keys };
    }
    if (this.is("print") || this.is("printf")) return this.print();
    return { op: "expr", value: this.expr() };
  }

  print(): Stmt {
    const printf = this.token.text === "printf";
    this.at++;
    let args: Expr[] = [];
    const { noGt } = this;
    this.noGt = true;
    if (
      !this.is(";") &&
      !this.is("}") &&
      !this.is(">") &&
      !this.is(">>") &&
      !this.is("|") &&
      this.token.kind !== "newline"
    ) {
      args = [this.expr()];
      while (this.take(",")) {
        this.newlines();
        args.push(this.expr());
      }
      // print (a, b) > "file"
      const [only] = args;
      if (args.length === 1 && only?.op === "group") args = only.list;
    }
    this.noGt = noGt;
    for (const redirect of [">", ">>", "|"])
      if (this.take(redirect)) return { op: "print", printf, args, redirect, to: this.concat() };
    return { op: "print", printf, args, redirect: "", to: null };
  }

  list(close: string): Expr[] {
    const out: Expr[] = [];
    const { noIn, noGt } = this;
    this.noIn = false;
    this.noGt = false;
    this.newlines();
    while (!this.is(close)) {
      out.push(this.expr());
      this.newlines();
      if (!this.take(",")) break;
      this.newlines();
    }
    this.noIn = noIn;
    this.noGt = noGt;
    this.expect(close);
    return out;
  }

  expr(): Expr {
    const left = this.cond();
    const { token } = this;
    if (token.kind === "op" && /^([-+*/%^]?=)$/.test(token.text)) {
      if (left.op !== "var" && left.op !== "field" && left.op !== "index") this.fail();
      this.at++;
      this.newlines();
      return { op: "assign", what: token.text.slice(0, -1), target: left, value: this.expr() };
    }
    return left;
  }

  cond(): Expr {
    const test = this.or();
    if (!this.take("?")) return test;
    this.newlines();
    const then = this.expr();
    this.newlines();
    this.expect(":");
    this.newlines();
    return { op: "cond", test, then, other: this.expr() };
  }

  or(): Expr {
    let left = this.and();
    while (this.take("||")) {
      this.newlines();
      left = { op: "or", left, right: this.and() };
    }
    return left;
  }

  and(): Expr {
    let left = this.membership();
    while (this.take("&&")) {
      this.newlines();
      left = { op: "and", left, right: this.membership() };
    }
    return left;
  }

  membership(): Expr {
    let left = this.matching();
    while (!this.noIn && this.is("in")) {
      this.at++;
      const name = this.token.text;
      this.at++;
      left = { op: "in", keys: left.op === "group" ? left.list : [left], name };
    }
    return left;
  }

  matching(): Expr {
    let left = this.comparison();
    for (;;) {
      const negate = this.is("!~");
      if (!negate && !this.is("~")) return left;
      this.at++;
      this.newlines();
      left = { op: "match", negate, left, right: this.comparison() };
    }
  }

  comparison(): Expr {
    let left = this.concat();
    for (;;) {
      const { text } = this.token;
      if (this.token.kind !== "op" || !/^(<|<=|==|!=|>|>=)$/.test(text)) break;
      if (text === ">" && this.noGt) break;
      this.at++;
      left = { op: "binary", what: text, left, right: this.concat() };
    }
    // "command" | getline
    while (this.is("|") && this.tokens[this.at + 1]?.text === "getline") {
      this.at += 2;
      left = { op: "getline", kind: "pipe", target: this.lvalue(), source: left };
    }
    return left;
  }

  concat(): Expr {
    let left = this.additive();
    for (;;) {
      const { kind, text } = this.token;
      const begins =
        kind === "number" ||
        kind === "string" ||
        kind === "name" ||
        kind === "call" ||
        kind === "builtin" ||
        (kind === "op" && (text === "$" || text === "(" || text === "++" || text === "--"));
      if (!begins) return left;
      left = { op: "concat", left, right: this.additive() };
    }
  }

  additive(): Expr {
    let left = this.multiplicative();
    while (this.is("+") || this.is("-")) {
      const what = this.token.text;
      this.at++;
      left = { op: "binary", what, left, right: this.multiplicative() };
    }
    return left;
  }

  multiplicative(): Expr {
    let left = this.unary();
    while (this.is("*") || this.is("/") || this.is("%")) {
      const what = this.token.text;
      this.at++;
      left = { op: "binary", what, left, right: this.unary() };
    }
    return left;
  }

  unary(): Expr {
    for (const what of ["!", "-", "+"])
      if (this.take(what)) {
        const arg = this.unary();
        return { op: "unary", what, arg };
      }
    return this.power();
  }

  power(): Expr {
    const left = this.postfix();
    if (!this.take("^")) return left;
    const negative = this.is("-") || this.is("+") || this.is("!");
    return { op: "binary", what: "^", left, right: negative ? this.unary() : this.power() };
  }

  postfix(): Expr {
    const value = this.primary();
    if (value.op === "var" || value.op === "field" || value.op === "index")
      for (const what of ["++", "--"])
        if (this.take(what)) return { op: "step", what, prefix: false, target: value };
    return value;
  }

  /** The variable that getline may name. */
  lvalue(): Expr | null {
    if (this.is("$") || this.token.kind === "name") {
      const value = this.primary();
      return value;
    }
    return null;
  }

  primary(): Expr {
    const { token } = this;
    this.at++;
    switch (token.kind) {
      case "number":
        return { op: "number", value: Number(token.text) };
      case "string":
        return { op: "string", value: token.text };
      case "regex":
        return { op: "regex", source: token.text };
      case "call":
        this.expect("(");
        return { op: "call", name: token.text, args: this.list(")") };
      case "builtin": {
        if (!this.take("(")) {
          if (token.text !== "length") this.fail();
          return { op: "builtin", name: "length", args: [] };
        }
        return { op: "builtin", name: token.text, args: this.list(")") };
      }
      case "name":
        if (this.take("[")) return { op: "index", name: token.text, keys: this.list("]") };
        return { op: "var", name: token.text };
      case "keyword":
        if (token.text === "getline") {
          const target = this.lvalue();
          if (!this.take("<")) return { op: "getline", kind: "main", target, source: null };
          return { op: "getline", kind: "file", target, source: this.postfix() };
        }
        break;
      case "op":
        if (token.text === "$") {
          for (const what of ["++", "--"])
            if (this.take(what))
              return {
                op: "field",
                index: { op: "step", what, prefix: true, target: this.primary() },
              };
          if (this.take("-"))
            return { op: "field", index: { op: "unary", what: "-", arg: this.primary() } };
          return { op: "field", index: this.primary() };
        }
        if (token.text === "++" || token.text === "--") {
          const target = this.primary();
          return { op: "step", what: token.text, prefix: true, target };
        }
        if (token.text === "(") {
          const list = this.list(")");
          const [only] = list;
          if (!only) this.fail();
          if (list.length === 1)
            return only.op === "regex" || only.op === "group"
              ? only
              : { op: "group", list: [only] };
          return { op: "group", list };
        }
        if (token.text === "-" || token.text === "+" || token.text === "!") {
          return { op: "unary", what: token.text, arg: this.unary() };
        }
        break;
    }
    this.at--;
    return this.fail();
  }
}
