import { CompileError, type Problem } from "./problem.ts";

/* The grammar of a translation's file (GNU gettext, "The Format of PO Files"), line by line. */

const KEYWORD = /^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)(?![\w[])\s*(.*)$/;
/** What may follow each; only after a translation may another entry begin. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  "": ["msgctxt", "msgid"],
  msgctxt: ["msgid"],
  msgid: ["msgid_plural", "msgstr"],
  msgid_plural: ["msgstr[]"],
  msgstr: ["msgctxt", "msgid"],
  "msgstr[]": ["msgstr[]", "msgctxt", "msgid"],
};
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/;
const ESCAPE = /\\(?:[abtnvfr"'\\?]|[0-7]{3}|x[0-9a-fA-F]{2})/g;

/** One entry, as far as it has been read. */
interface Entry {
  line: number;
  obsolete: boolean;
  context: string | null;
  id: string;
}

/**
 * Refuses a file that only seems to be read: a translation in it would be lost without a word.
 * Throws CompileError.
 */
export function checkPo(file: string, text: string): void {
  const problems: Problem[] = [];
  new Lines(file, problems).read(text.replaceAll("\r\n", "\n").split("\n"));
  if (problems.length) throw new CompileError(problems);
}

class Lines {
  file: string;
  problems: Problem[];
  /** The keyword that was read last; "" before the first. */
  last = "";
  entry: Entry = { line: 0, obsolete: false, context: null, id: "" };
  /** On which line each entry stands, by what it is known by. */
  known = new Map<string, number>();
  /** There was an empty line since the last text. */
  apart = false;

  constructor(file: string, problems: Problem[]) {
    this.file = file;
    this.problems = problems;
  }

  complain(line: number, message: string): void {
    this.problems.push({ file: this.file, line, field: "", message });
  }

  read(lines: readonly string[]): void {
    lines.forEach((line, n) => {
      this.line(line, n + 1);
    });
    this.end();
  }

  line(whole: string, n: number): void {
    if (whole === "") this.apart = true;
    const obsolete = whole.startsWith("#~");
    const text = (obsolete ? whole.slice(2) : whole).trim();
    if (text === "" || text.startsWith("#") || (obsolete && text.startsWith("|"))) return;
    const found = KEYWORD.exec(text);
    if (found) this.keyword(found[1] ?? "", found[2] ?? "", obsolete, n);
    else if (text.startsWith('"') && this.last !== "") this.string(text, n);
    else
      this.complain(
        n,
        "expected msgctxt, msgid, msgid_plural, msgstr, a text in quotes or a comment",
      );
  }

  keyword(word: string, rest: string, obsolete: boolean, n: number): void {
    const kind = word.startsWith("msgstr[") ? "msgstr[]" : word;
    const begins = kind === "msgctxt" || (kind === "msgid" && this.last !== "msgctxt");
    if (begins) this.begin(obsolete, n);
    else if (!NEXT[this.last]?.includes(kind)) {
      const before = this.last === "" ? "the beginning" : this.last.replace("[]", "[…]");
      this.complain(n, `${word} after ${before}: one does not follow the other`);
    }
    this.last = kind;
    this.string(rest, n);
  }

  begin(obsolete: boolean, n: number): void {
    this.end();
    const { line, context, id } = this.entry;
    // Without one the library would take what follows for a part of the header.
    if (line > 0 && context === null && id === "" && !this.apart)
      this.complain(n, "expected an empty line between the header and what follows");
    this.entry = { line: n, obsolete, context: null, id: "" };
  }

  /** The entry is whole, and nothing else is called as it is. */
  end(): void {
    const { line, obsolete, context, id } = this.entry;
    if (line === 0) return;
    if (this.last === "msgctxt") this.complain(line, "msgctxt without msgid");
    else if (!this.last.startsWith("msgstr")) this.complain(line, "msgid without msgstr");
    if (obsolete) return;
    const name = context === null ? `msgid "${id}"` : `msgctxt "${context}"`;
    const first = this.known.get(name);
    if (first === undefined) this.known.set(name, line);
    else this.complain(line, `${name} stands on line ${first} already`);
  }

  string(text: string, n: number): void {
    this.apart = false;
    const inner = QUOTED.exec(text)?.[1];
    if (inner === undefined) {
      this.complain(n, 'expected one text between two quotes (a quote inside it is written \\")');
      return;
    }
    const [unknown] = inner.replace(ESCAPE, "").match(/\\./) ?? [];
    if (unknown) this.complain(n, `there is no escape ${unknown} (a backslash is written \\\\)`);
    if (this.last === "msgctxt") this.entry.context = (this.entry.context ?? "") + inner;
    if (this.last === "msgid") this.entry.id += inner;
  }
}
