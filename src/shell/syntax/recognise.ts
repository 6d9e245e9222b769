import { Condition } from "./condition.ts";
import type { Kind } from "./lexer.ts";
import { Refusal, type Remark } from "./reader.ts";

/** What bash says about a text that it cannot read. */
export interface SyntaxProblem {
  /** Where the token that it stops at begins and ends. */
  pos: number;
  end: number;
  /** More text could mend it. */
  incomplete: boolean;
  /** What `$?` becomes; null: it stays what it was, unless that was 0 where the text ended too early. */
  status: number | null;
  /** Within `$(`: the whole shell ends. */
  fatal: boolean;
  /** Where bash reads on after an array's value that it could not read; null: nowhere. */
  resume: number | null;
}

export interface Recognised {
  problem: SyntaxProblem | null;
  /** What bash says; without a problem, it only warns of a here-document without its end. */
  remarks: readonly Remark[];
  /** Where the last complete command begins, the one with the problem or the warning: bash has run what is before it. */
  from: number;
  /** The end of the text came within a command: a prompt asks for more. */
  more: boolean;
}

const REDIRECT = new Set("< > >> >| <> << <<- <<< <& >& &> &>>".split(" "));
const COMPOUND = new Set("for case while until select if ( { arith [[".split(" "));
const OTHER = new Set("word assignment number {name} function coproc ! time".split(" "));
const SHOPT = /\bshopt -s [\w ]*extglob/;
const TERMINATORS = new Set([";", "\n", "EOF"]);

/**
 * The rules of bash's grammar (bash 5.2 parse.y, which are POSIX 2.10.2 and more), one method for each:
 * they only find the first token that no rule goes on with.
 */
export class Recogniser extends Condition {
  /** A line, or as many as belong together (`inputunit`). False at the end of the text. */
  unit(): boolean {
    this.next();
    if (this.is("EOF")) return false;
    if (this.is("\n")) return true;
    this.simpleList();
    if (!this.is("\n") && !this.is("EOF")) {
      this.gather();
      this.unexpected();
    }
    return this.is("\n");
  }

  /** `comsub` */
  substitution(): void {
    this.next();
    this.newlines();
    if (!this.is(")")) this.compoundList();
    if (!this.is(")")) this.unexpected();
  }

  private is(a: Kind, b = a, c = a, d = a): boolean {
    const { kind } = this;
    return kind === a || kind === b || kind === c || kind === d;
  }

  private expect(kind: Kind): void {
    if (this.kind !== kind) this.unexpected();
    this.next();
  }

  private newlines(): void {
    while (this.is("\n")) this.next();
  }

  private get begins(): boolean {
    return OTHER.has(this.kind) || COMPOUND.has(this.kind) || REDIRECT.has(this.kind);
  }

  private simpleList(): void {
    this.pipelineCommand();
    for (;;) {
      if (this.is("&&", "||")) {
        this.next();
        this.newlines();
      } else if (this.is("&", ";")) {
        this.next();
        if (this.is("\n", "EOF")) return;
        if (!this.begins) this.gather();
      } else return;
      this.pipelineCommand();
    }
  }

  private compoundList(): void {
    this.deeper();
    this.list();
    this.nesting--;
  }

  private list(): void {
    this.newlines();
    this.pipelineCommand();
    for (;;) {
      if (this.is("&&", "||")) {
        this.next();
        this.newlines();
      } else if (this.is("&", ";", "\n")) {
        this.next();
        this.newlines();
        if (!this.begins) return;
      } else return;
      this.pipelineCommand();
    }
  }

  private pipelineCommand(): void {
    while (this.is("!", "time")) {
      const timed = this.is("time");
      this.next();
      if (timed && this.is("-p")) this.next();
      if (timed && this.is("--")) this.next();
      if (TERMINATORS.has(this.kind)) return;
    }
    this.command();
    while (this.is("|", "|&")) {
      this.next();
      this.newlines();
      this.command();
    }
  }

  private command(): void {
    if (COMPOUND.has(this.kind)) this.shellCommand();
    else if (this.is("function")) this.functionDefinition();
    else if (this.is("coproc")) this.coprocess();
    else if (this.begins && !this.is("!", "time")) this.simpleCommand();
    else this.unexpected();
  }

  private simpleCommand(): void {
    this.state.redirects = false;
    if (!this.is("word", "assignment")) {
      this.redirection(true);
    } else if (this.is("word")) {
      this.next();
      if (this.is("(")) {
        this.next();
        this.expect(")");
        this.functionBody();
        return;
      }
    }
    this.elements();
  }

  private elements(): void {
    for (;;) {
      if (this.is("word", "assignment")) {
        this.state.redirects = false;
        this.next();
      } else if (!this.redirection()) return;
    }
  }

  private redirection(first = false): boolean {
    const numbered = this.is("number", "{name}");
    if (numbered) this.next();
    if (!REDIRECT.has(this.kind) || (numbered && this.kind.startsWith("&"))) {
      if (numbered) this.unexpected();
      return false;
    }
    const operator = this.kind;
    this.next();
    const copies = operator === "<&" || operator === ">&";
    if (!this.is("word") && !(copies && this.is("number", "-"))) this.unexpected();
    if (operator === "<<" || operator === "<<-") this.document(operator);
    if (first) this.state.redirects = true;
    this.next();
    return true;
  }

  private redirections(): void {
    while (this.redirection());
  }

  private functionDefinition(): void {
    this.next();
    this.expect("word");
    if (!this.is("(")) {
      this.functionBody();
      return;
    }
    this.next();
    if (this.is(")")) {
      this.next();
      this.functionBody();
      return;
    }
    this.compoundList();
    this.expect(")");
    this.redirections();
  }

  private functionBody(): void {
    this.newlines();
    this.shellCommand();
  }

  private coprocess(): void {
    this.next();
    const named = this.is("word");
    if (named) this.next();
    if (COMPOUND.has(this.kind)) this.shellCommand();
    else if (named) this.elements();
    else if (this.is("assignment") || this.redirection(true)) this.elements();
    else this.unexpected();
  }

  /** With its redirections. */
  private shellCommand(): void {
    const { kind } = this;
    if (!COMPOUND.has(kind)) this.unexpected();
    if (kind === "[[") this.condition();
    this.next();
    if (kind === "for" || kind === "select") this.loop();
    else if (kind === "case") this.caseClauses();
    else if (kind === "if") this.ifClauses();
    else if (kind === "while" || kind === "until") {
      this.compoundList();
      this.group("do", "done");
    } else if (kind === "(" || kind === "{") {
      this.compoundList();
      this.expect(kind === "(" ? ")" : "}");
    }
    this.redirections();
  }

  private group(open: Kind, close: Kind): void {
    this.expect(open);
    this.compoundList();
    this.expect(close);
  }

  private loopBody(): void {
    if (this.is("{")) this.group("{", "}");
    else this.group("do", "done");
  }

  private loop(): void {
    if (this.is("for-arith")) {
      this.arithmeticLoop();
      return;
    }
    this.expect("word");
    if (this.is(";")) {
      this.next();
      this.newlines();
    } else {
      this.newlines();
      if (this.is("in")) {
        this.next();
        while (this.is("word")) this.next();
        if (!TERMINATORS.has(this.kind)) this.unexpected();
        this.next();
        this.newlines();
      }
    }
    this.loopBody();
  }

  /** Its three parts are counted when it has been read (make_arith_for_command). */
  private arithmeticLoop(): void {
    const { pos, at } = this;
    const line = this.line();
    const inner = this.source.slice(pos + 2, at - 2);
    this.next();
    if (TERMINATORS.has(this.kind)) {
      this.next();
      this.newlines();
    }
    const close = this.is("{") ? "}" : "done";
    this.expect(close === "}" ? "{" : "do");
    this.compoundList();
    if (this.kind !== close) this.unexpected();
    const semicolons = inner.match(/;/g)?.length ?? 0;
    if (semicolons !== 2) {
      const text = `syntax error: ${semicolons < 2 ? "arithmetic expression required" : "`;' unexpected"}`;
      this.remark(text, line);
      this.remark(`syntax error: \`((${inner}))'`, line);
      throw new Refusal(pos, at, "skip", 2);
    }
    this.next();
  }

  private caseClauses(): void {
    this.expect("word");
    this.newlines();
    this.expect("in");
    this.newlines();
    while (!this.is("esac")) {
      if (this.is("(")) this.next();
      this.expect("word");
      while (this.is("|")) {
        this.next();
        this.expect("word");
      }
      this.expect(")");
      this.newlines();
      if (this.begins) this.compoundList();
      if (!this.is(";;", ";&", ";;&")) break;
      this.next();
      this.newlines();
    }
    this.expect("esac");
  }

  private ifClauses(): void {
    this.compoundList();
    this.expect("then");
    this.compoundList();
    while (this.is("elif")) {
      this.next();
      this.compoundList();
      this.expect("then");
      this.compoundList();
    }
    if (this.is("else")) {
      this.next();
      this.compoundList();
    }
    this.expect("fi");
  }

  /** After an error of the lexer's own: everything up to the line's end, or to an error of another kind. */
  skip(): Refusal | null {
    for (;;) {
      try {
        this.next();
        if (this.is("\n", "EOF")) {
          this.gather();
          return null;
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.after !== "skip") return error;
      }
    }
  }
}

/** Read a text as bash does, command by command, to the first that it cannot read. */
export function recognise(source: string, extglob: boolean): Recognised {
  const reader = new Recogniser(source, extglob);
  const toggles = SHOPT.test(source);
  let from = 0;
  try {
    for (;;) {
      const start = reader.at;
      if (start >= reader.source.length) break;
      from = start;
      reader.ended = false;
      if (!reader.unit() || reader.remarks.length) break;
      // A line is run before the next is read.
      if (toggles && SHOPT.test(source.slice(start, reader.at))) reader.extglob = true;
    }
    return { problem: null, remarks: reader.remarks, from, more: reader.ended };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const more = reader.ended;
    return { problem: problemOf(reader, error), remarks: reader.remarks, from, more };
  }
}

function problemOf(reader: Recogniser, { pos, end, after, status }: Refusal): SyntaxProblem {
  const fatal = reader.depth > 0;
  const next = after === "skip" ? reader.skip() : null;
  if (next && next.after !== after) return { ...problemOf(reader, next), pos, end };
  const incomplete = reader.ended;
  const line = after === "drop" && !incomplete ? reader.source.indexOf("\n", reader.at - 1) : -1;
  const resume = line < 0 ? null : line + 1;
  return {
    pos,
    end,
    incomplete,
    status,
    fatal: fatal && !incomplete,
    resume,
  };
}
