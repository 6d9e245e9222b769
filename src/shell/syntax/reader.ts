/** One of bash's lines about a text: `line` counts from 1. */
export interface Remark {
  line: number;
  /** `%d` in it is `first`, another line. */
  text: string;
  first?: number;
  /** The offending line itself, which an interactive shell does not show. */
  echo?: boolean;
}

/** Where bash gives up; what it says of it stands in the remarks. */
export class Refusal extends Error {
  /** Where the token begins and ends. */
  pos: number;
  end: number;
  /**
   * What bash does then: forget everything (a token that the grammar does not allow), drop the line
   * and read on (an array's value), or read tokens up to the line's end (the lexer's own errors).
   */
  after: "stop" | "drop" | "skip";
  /** What `$?` becomes; null: it stays what it was. */
  status: number | null;

  constructor(pos: number, end: number, after: "stop" | "drop" | "skip", status: number | null) {
    super("syntax error");
    this.pos = pos;
    this.end = end;
    this.after = after;
    this.status = status;
  }
}

/** Brackets and commands within each other. */
const DEEPEST = 256;

/** Within a pair nothing happens at these. */
const INSIDE = /[^\\'"`$<>(){}[\]]+/y;

interface HereDocument {
  delimiter: string;
  quoted: boolean;
  /** `<<-` */
  strips: boolean;
}

/**
 * The characters of a text, and what is read to its other end whatever its tokens are: quotes,
 * brackets, here-documents (bash 5.2 parse.y: shell_getc, parse_matched_pair; make_cmd.c,
 * make_here_document).
 */
export abstract class Reader {
  source: string;
  /** The next character. */
  at = 0;
  /** Where the token at hand begins and ends. */
  pos = 0;
  end = 0;
  /** Has an escaped line end been met? */
  joined = false;
  /** How many `$(` deep. */
  depth = 0;
  /** The end of the text was looked for: at a prompt, more is asked for. */
  ended = false;
  /** Each further look behind the end counts as a line. */
  beyond = 0;
  /** How many brackets and commands deep. */
  nesting = 0;
  documents: HereDocument[] = [];
  remarks: Remark[] = [];
  /** `((` that was no arithmetic is read again, from `from` to `end`. */
  again = { from: 0, end: 0 };

  constructor(source: string) {
    this.source = source === "" || source.endsWith("\n") ? source : `${source}\n`;
  }

  /** From behind `$(` or `<(` to behind its `)`. */
  protected abstract parenthesis(): void;

  /** The line of the character that was read last. */
  line(at = Math.max(this.at, this.again.end)): number {
    let line = 1;
    for (let end = this.source.indexOf("\n"); end >= 0 && end < at - 1; line++)
      end = this.source.indexOf("\n", end + 1);
    return line + this.beyond;
  }

  remark(text: string, line = this.line(), echo = false): void {
    this.remarks.push({ line, text, echo });
  }

  /** The words are those of bison's parser. */
  protected deeper(): void {
    if (++this.nesting <= DEEPEST) return;
    this.remark("memory exhausted");
    throw new Refusal(this.pos, this.at, "stop", 2);
  }

  /** An error of the lexer's own. */
  fail(text: string, line = this.line()): never {
    if (text) this.remark(text, line);
    throw new Refusal(this.pos, this.at, "skip", null);
  }

  get text(): string {
    return this.before(this.end);
  }

  /** The token up to there, without escaped line ends. */
  protected before(end: number): string {
    const text = this.source.slice(this.pos, end);
    return this.joined ? text.replaceAll("\\\n", "") : text;
  }

  // Characters (shell_getc).

  /** The next character, without escaped line ends; "" at the end. */
  protected get(): string {
    const { source } = this;
    while (source[this.at] === "\\" && source[this.at + 1] === "\n") {
      this.at += 2;
      this.joined = true;
    }
    return this.raw();
  }

  protected raw(): string {
    if (this.at < this.source.length) return this.source[this.at++] as string;
    this.ended = true;
    if (this.at > this.source.length) this.beyond++;
    this.at = this.source.length + 1;
    return "";
  }

  // What is read to its other end.

  /** Behind the opening character, to behind the closing one (parse_matched_pair). */
  protected pair(open: string, close: string, mode = ""): void {
    const { source } = this;
    const first = this.at;
    this.deeper();
    let count = 1;
    let dollar = false;
    let angle = false;
    for (;;) {
      if (open !== "'") {
        INSIDE.lastIndex = this.at;
        if (INSIDE.test(source)) {
          this.at = INSIDE.lastIndex;
          dollar = angle = false;
        }
      }
      const c = open === "'" ? this.raw() : this.get();
      if (c === "")
        this.fail(`unexpected EOF while looking for matching \`${close}'`, this.line(first));
      if (c === close) count--;
      else if (c === open && mode !== "brace") count++;
      if (count === 0) {
        this.nesting--;
        return;
      }
      if (c === "\\" && (open !== "'" || mode === "ansi")) this.at++;
      if (open === "'") continue;
      if (open !== close) {
        if (c === "'" || c === '"' || c === "`") this.pair(c, c, dollar && c === "'" ? "ansi" : "");
        else if (mode === "brace" || mode === "subscript") {
          if (dollar && /[({[]/.test(c)) count -= this.nested(open, c);
          else if (angle && c === "(") this.parenthesis();
        } else if (mode === "arith" && dollar && c === "(") count -= this.nested(open, c);
      } else if (open === '"' && c === "`") this.pair(c, c);
      else if (open !== "`" && dollar && /[({[]/.test(c)) this.nested(open, c);
      angle = (c === "<" || c === ">") && !angle;
      dollar = c === "$" && !dollar;
    }
  }

  /** An expansion within a pair; 1 when its bracket has been counted. */
  private nested(open: string, c: string): number {
    if (c === "(") this.parenthesis();
    else if (c === "{") this.pair(c, "}", "brace");
    else this.pair(c, "]", "arith");
    return open === c && open !== "{" ? 1 : 0;
  }

  // Here-documents (make_here_document).

  protected document(operator: string): void {
    const word = this.text;
    const quoted = /['"\\]/.test(word);
    const delimiter = word.replace(/\$?'([^']*)'|\$?"([^"]*)"|\\(.)/g, "$1$2$3");
    this.documents.push({ delimiter, quoted, strips: operator === "<<-" });
  }

  /** The bodies of what was begun on the line. */
  protected gather(): void {
    if (this.documents.length === 0) return;
    const { documents, source } = this;
    this.documents = [];
    if (source[this.at - 1] !== "\n" && this.at < source.length)
      this.at = source.indexOf("\n", this.at) + 1;
    for (const document of documents) {
      const first = this.line();
      if (this.body(document)) continue;
      this.ended = true;
      const { delimiter } = document;
      const text = `warning: here-document at line %d delimited by end-of-file (wanted \`${delimiter}')`;
      this.remarks.push({ line: this.line(), text, first });
    }
  }

  /** False when it has no end. */
  private body({ delimiter, quoted, strips }: HereDocument): boolean {
    const { source } = this;
    while (this.at < source.length) {
      let end = source.indexOf("\n", this.at);
      while (
        !quoted &&
        /(^|[^\\])(\\\\)*\\$/.test(source.slice(this.at, end)) &&
        end + 1 < source.length
      )
        end = source.indexOf("\n", end + 1);
      const line = source.slice(this.at, end).replace(strips ? /^\t+/ : "", "");
      if (line === delimiter || line.replaceAll("\\\n", "") === delimiter) {
        this.at = end + 1;
        return true;
      }
      if (this.depth && line.startsWith(delimiter) && line.indexOf(")", delimiter.length) >= 0) {
        this.at = end - line.length + delimiter.length;
        return true;
      }
      this.at = end + 1;
    }
    return false;
  }
}
