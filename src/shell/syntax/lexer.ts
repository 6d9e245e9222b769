import { quoteUnprintable } from "../quote.ts";
import { Reader, Refusal } from "./reader.ts";

/**
 * What a token is: operators and reserved words are called as they are written; `word`, `assignment`,
 * `number` and `{name}` (both before a redirection), `arith` and `for-arith` are made in here.
 */
export type Kind = string;

const RESERVED = new Set(
  "if then else elif fi case esac for select while until do done in function time { } ! [[ coproc".split(
    " ",
  ),
);

/** After these a reserved word is one (parse.y, reserved_word_acceptable). */
const BEFORE_RESERVED = new Set(
  "\n ; ( ) | & { } && arith ! |& ]] do done elif else esac fi if || ;; ;& ;;& then time -p -- coproc until while $(".split(
    " ",
  ),
);

/** After these `time` is one (time_command_acceptable). */
const BEFORE_TIME = new Set(
  "\n ; && || & while do until if then elif else { ( ) ! time -p --".split(" "),
);

/** A word after these and another word may be more than that. */
const ATTENTIVE = new Set("for select case function coproc".split(" "));

const REDIRECTING = new Set("< > >> >| <> <<- << <<< <& >& &>".split(" "));
const DECLARES = new Set("alias declare export local readonly typeset eval let".split(" "));

/** By their first character, the longest first. */
const OPERATORS: Record<string, readonly string[] | undefined> = {
  "<": ["<<-", "<<<", "<<", "<&", "<>", "<"],
  ">": [">>", ">&", ">|", ">"],
  ";": [";;&", ";;", ";&", ";"],
  "&": ["&>>", "&>", "&&", "&"],
  "|": ["||", "|&", "|"],
  "(": ["("],
  ")": [")"],
};

/** 1: a word looks closer at this character. */
const SPECIAL = new Uint8Array(128);
for (const c of "\\'\"`$<>;&|()[=?*+@! \t\n") SPECIAL[c.charCodeAt(0)] = 1;
const IDENTIFIER = /^[A-Za-z_]\w*$/;
const ASSIGNED = /^[A-Za-z_]\w*(\[[\s\S]*\])?\+?$/;

/** What a command substitution, or an array's value, begins anew (save_parser_state). */
interface State {
  kind: Kind;
  last: Kind;
  before: Kind;
  inCondition: boolean;
  casePattern: boolean;
  caseStatement: boolean;
  openBrace: boolean;
  array: boolean;
  assigns: boolean;
  redirects: boolean;
  regex: boolean;
  pattern: boolean;
  expectingIn: number;
  esacs: number;
}

const fresh = (): State => ({
  kind: "\n",
  last: "\n",
  before: "\n",
  inCondition: false,
  casePattern: false,
  caseStatement: false,
  openBrace: false,
  array: false,
  assigns: false,
  redirects: false,
  regex: false,
  pattern: false,
  expectingIn: 0,
  esacs: 0,
});

/**
 * The tokens of bash's grammar (bash 5.2 parse.y: read_token, read_token_word). A word is reserved, an
 * assignment, or only a word by the tokens before it, which is what most of the state here remembers.
 */
export abstract class Lexer extends Reader {
  extglob: boolean;
  state = fresh();
  braces = 0;

  constructor(source: string, extglob: boolean) {
    super(source);
    this.extglob = extglob;
  }

  /** `compound_list ')'`, behind `$(`. */
  abstract substitution(): void;

  get kind(): Kind {
    return this.state.kind;
  }

  next(): void {
    const { state } = this;
    state.before = state.last;
    state.last = state.kind;
    state.kind = this.read();
  }

  /** The token at hand, as an error shows it. */
  get shown(): string {
    const { kind } = this.state;
    if (kind === "\n") return "newline";
    if (kind === "arith") return this.source.slice(this.pos + 2, this.end - 2);
    return kind === "word" || kind === "assignment" || kind === "number" ? this.text : kind;
  }

  /** The grammar does not go on with this token (report_syntax_error). */
  unexpected(after: "stop" | "drop" = "stop"): never {
    const { source, kind, pos, end, again } = this;
    const status = after === "stop" ? 2 : 1;
    if (kind === "EOF") {
      this.remark(
        this.depth
          ? "unexpected EOF while looking for matching `)'"
          : "syntax error: unexpected end of file",
      );
      throw new Refusal(pos, pos, after, status);
    }
    if (kind === "{name}")
      this.remark(`syntax error near \`${/[^\s;|&]*$/.exec(source.slice(0, end + 1))?.[0]}'`);
    else this.remark(`syntax error near unexpected token \`${quoteUnprintable(this.shown)}'`);
    const last = Math.max(end - 1, pos);
    const line = source.slice(source.lastIndexOf("\n", last - 1) + 1, source.indexOf("\n", last));
    const isAgain = end <= again.end;
    const echo = isAgain ? source.slice(again.from, again.end).replace(/\n+$/, "") : line;
    this.remark(`\`${echo}'`, this.line(), true);
    throw new Refusal(pos, end, after, status);
  }

  // Tokens (read_token).

  read(): Kind {
    const kind = this.scan();
    this.end = this.at;
    if (kind === "\n") this.gather();
    return kind;
  }

  private scan(): Kind {
    const { state, source } = this;
    let c = this.get();
    while (c === " " || c === "\t") c = this.get();
    this.pos = this.at - 1;
    if (c === "") return "EOF";
    if (c === "#") {
      this.pos = source.indexOf("\n", this.at);
      this.at = this.pos + 1;
      c = "\n";
    }
    if (c === "\n") {
      state.assigns = false;
      return c;
    }
    if (!state.regex) {
      const operator = OPERATORS[c]?.find((one) => source.startsWith(one, this.pos));
      if (operator !== undefined) {
        state.assigns = false;
        const kind = this.operator(operator);
        if (kind !== null) return kind;
      } else if (c === "-" && (state.last === "<&" || state.last === ">&")) return c;
    }
    this.at = this.pos;
    return this.word();
  }

  /** Null: a word begins here, `<(`. */
  private operator(operator: string): Kind | null {
    const { state, source, pos } = this;
    if ((operator === "<" || operator === ">") && source[pos + 1] === "(") return null;
    this.at = pos + operator.length;
    if (operator === "(" && source[pos + 1] === "(") {
      const loop = state.last === "for";
      if (loop || this.reservedAcceptable(state.last)) {
        this.at = pos + 2;
        this.pair("(", ")", "arith");
        if (this.raw() === ")") return loop ? "for-arith" : "arith";
        if (loop) this.fail("");
        this.again = { from: pos + 1, end: this.at };
        this.at = pos + 1;
        return operator;
      }
    }
    if (operator.startsWith(";") && operator !== ";") state.casePattern = true;
    if (operator === ")") {
      if (state.last === "(" && state.before === "word") state.openBrace = true;
      state.casePattern = false;
    }
    return operator;
  }

  private reservedAcceptable(kind: Kind): boolean {
    if (BEFORE_RESERVED.has(kind)) return true;
    const { last, before } = this.state;
    return last === "word" && (before === "coproc" || before === "function");
  }

  /** Where a command's name, or an assignment before it, may stand. */
  private get beginsCommand(): boolean {
    const { last, redirects } = this.state;
    if (last === "assignment" || (redirects && !REDIRECTING.has(last))) return true;
    return last !== ";;" && last !== ";&" && last !== ";;&" && this.reservedAcceptable(last);
  }

  // Words (read_token_word).

  private word(): Kind {
    const { source, state } = this;
    let assignment = false;
    let c = "";
    for (;;) {
      let { at } = this;
      for (let code = source.charCodeAt(at); code > 127 || SPECIAL[code] === 0; )
        code = source.charCodeAt(++at);
      this.at = at;
      c = this.get();
      const here = this.at - 1;
      if (c === " " || c === "\n" || c === "") {
        this.at = c === "" ? source.length : here;
        break;
      }
      if (c === "\\") this.at++;
      else if (c === "'" || c === '"' || c === "`") this.pair(c, c);
      else if (state.regex && (c === "(" || c === "|")) {
        if (c === "(") this.pair("(", ")");
      } else if ((this.extglob || state.pattern) && /[?*+@!]/.test(c) && source[this.at] === "(") {
        this.at++;
        this.pair("(", ")");
      } else if (c === "$" && this.dollar()) {
      } else if ((c === "<" || c === ">") && source[this.at] === "(") {
        this.at++;
        this.parenthesis();
      } else if (
        c === "[" &&
        (here === this.pos
          ? state.array
          : this.beginsCommand && !state.casePattern && IDENTIFIER.test(this.before(here)))
      )
        this.pair("[", "]", "subscript");
      else if (c === "=") {
        const begins = this.beginsCommand && !state.casePattern;
        if ((begins || state.assigns) && here > this.pos && ASSIGNED.test(this.before(here))) {
          assignment ||= begins;
          if (source[this.at] === "(") this.arrayValue();
        }
      } else if ("\t;&|()<>".includes(c)) {
        this.at = here;
        break;
      }
    }
    return this.classify(c, assignment);
  }

  /** What begins with `$`; false where it is only that. */
  private dollar(): boolean {
    const from = this.at;
    const c = this.get();
    if (c === "(") this.parenthesis();
    else if (c === "{") this.pair("{", "}", "brace");
    else if (c === "[") this.pair("[", "]", "arith");
    else if (c === "'") this.pair("'", "'", "ansi");
    else if (c === '"') this.pair('"', '"');
    else if (c !== "$") {
      this.at = from;
      return false;
    }
    return true;
  }

  /** What the word is by what stands before it (special_case_tokens, CHECK_FOR_RESERVED_WORD). */
  private classify(follows: string, assignment: boolean): Kind {
    const { state } = this;
    const { last, before } = state;
    const redirected = follows === "<" || follows === ">";
    // Most words are only the next of a command.
    if (last === "word" && !redirected && !ATTENTIVE.has(before))
      if (!state.expectingIn && !state.inCondition && !state.openBrace) return "word";
    const text = this.before(this.at);
    if (redirected || last === "<&" || last === ">&")
      if (/^\d+$/.test(text) && Number(text) <= 0x7fffffff) return "number";
    const special = this.special(text) ?? this.reserved(text);
    if (special !== null) return special;
    if (this.beginsCommand && DECLARES.has(text)) state.assigns = true;
    if (redirected && text[0] === "{" && /^\{[A-Za-z_]\w*(\[[\s\S]+\])?\}$/.test(text))
      return "{name}";
    if (last === "function") state.openBrace = true;
    if (last === "case" || last === "select" || last === "for") state.expectingIn++;
    return assignment ? "assignment" : "word";
  }

  private special(text: string): Kind | null {
    const { state } = this;
    const { last, before } = state;
    const loop = before === "for" || before === "select";
    if (text === "in") {
      const named = last === "word" && (loop || before === "case");
      if (named || (state.expectingIn && (last === "word" || last === "\n"))) {
        if (named ? before === "case" : state.caseStatement) {
          state.casePattern = true;
          state.esacs++;
        }
        if (state.expectingIn) state.expectingIn--;
        return text;
      }
    }
    if (text === "do") {
      if (state.expectingIn && (last === "\n" || last === ";")) {
        state.expectingIn--;
        return text;
      }
      if (last === "word" && loop) {
        if (state.expectingIn) state.expectingIn--;
        return text;
      }
    }
    if (text === "esac" && state.esacs && last === "in") {
      state.esacs--;
      state.casePattern = false;
      return text;
    }
    if (state.openBrace) {
      state.openBrace = false;
      if (text === "{") return this.brace();
    }
    if (last === "for-arith" && text === "do") return text;
    if (last === "for-arith" && text === "{") return this.brace();
    if (text === "}" && this.braces && this.reservedAcceptable(last)) {
      this.braces--;
      return text;
    }
    if (text === "-p" && last === "time") return text;
    if (text === "--" && (last === "time" || last === "-p")) return text;
    return text === "]]" && state.inCondition ? text : null;
  }

  private brace(): Kind {
    this.braces++;
    return "{";
  }

  private reserved(text: string): Kind | null {
    const { state } = this;
    const { last, before } = state;
    if (text.length > 8 || !this.reservedAcceptable(last)) return null;
    if (!RESERVED.has(text) && text !== "]]") return null;
    if (state.casePattern && (text !== "esac" || last === "|" || last === "(")) return null;
    if (
      text === "time" &&
      (!BEFORE_TIME.has(last) || (last !== "&&" && before === "|" && /[;\n]/.test(last)))
    )
      return null;
    if (text === "esac") {
      state.casePattern = false;
      state.caseStatement = false;
      state.esacs--;
    } else if (text === "case") state.caseStatement = true;
    else if (text === "{") this.braces++;
    else if (text === "}" && this.braces) this.braces--;
    return text;
  }

  /** Behind `$(` or `<(` (parse_comsub). */
  protected parenthesis(): void {
    if (this.source[this.at] === "(") {
      this.pair("(", ")", "arith");
      return;
    }
    const { state, documents, pos } = this;
    this.state = fresh();
    this.state.kind = "$(";
    this.documents = [];
    this.deeper();
    this.depth++;
    this.substitution();
    this.depth--;
    this.nesting--;
    const open = this.documents.length;
    if (open)
      this.remark(
        `warning: command substitution: ${open} unterminated here-document${open > 1 ? "s" : ""}`,
      );
    this.documents = [...documents, ...this.documents];
    this.state = state;
    this.pos = pos;
  }

  /** `(...)` behind `name=` (parse_compound_assignment). */
  private arrayValue(): void {
    this.deeper();
    const first = ++this.at;
    const { state, pos } = this;
    this.state = { ...fresh(), last: "word", array: true, caseStatement: state.caseStatement };
    for (;;) {
      const kind = this.tryRead();
      if (kind === ")") break;
      if (kind === "word" || kind === "assignment" || kind === "\n") continue;
      this.state.kind = kind ?? "EOF";
      if (kind !== "EOF") this.unexpected("drop");
      this.remark("unexpected EOF while looking for matching `)'", this.line(first));
      throw new Refusal(pos, pos, "drop", 1);
    }
    this.nesting--;
    this.state = state;
    this.pos = pos;
  }

  /** Null after an error that the rules at hand add their own words to. */
  protected tryRead(): Kind | null {
    const { state, depth, nesting } = this;
    try {
      return this.read();
    } catch (error) {
      if (!(error instanceof Refusal) || (error.after !== "skip" && !this.ended)) throw error;
      this.state = state;
      this.depth = depth;
      this.nesting = nesting;
      return null;
    }
  }
}
