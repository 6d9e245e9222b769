/**
 * The line being edited at a prompt, as readline (emacs mode) has it. All of it is data; keys come
 * in as decoded input, what to draw goes out as text for the terminal.
 */
export class LineEditor {
  prompt = "";
  /** Characters, so that one step of the cursor is one of them. */
  text: string[] = [];
  cursor = 0;
  columns = 80;
  history: string[] = [];
  /** Which history entry is shown; history.length is the line being typed. */
  at = 0;
  draft = "";
  killed = "";
  /** Ctrl-R: what is searched for; null when not searching. */
  search: string | null = null;
  searchAt = 0;
  pasting = false;
  /** A search's prompt is still on the screen. */
  searched = false;
  /** Screen rows of the last drawing above the cursor. */
  row = 0;
  lastTab = false;

  begin(prompt: string, columns: number, history: string[]): string {
    this.prompt = prompt;
    this.columns = columns;
    this.history = history;
    this.at = history.length;
    this.text = [];
    this.cursor = 0;
    this.draft = "";
    this.search = null;
    this.row = 0;
    // As readline: it begins where the output ended, so that `printf hi` stays on the screen.
    return this.draw("");
  }

  get line(): string {
    return this.text.join("");
  }

  setLine(line: string): void {
    this.text = [...line];
    this.cursor = this.text.length;
  }

  insert(text: string): string {
    const chars = [...text];
    const atEnd = this.cursor === this.text.length;
    this.text.splice(this.cursor, 0, ...chars);
    this.cursor += chars.length;
    const room = (this.width(this.shownPrompt()) + this.text.length) % this.columns;
    // What is typed at the end needs no more than itself, unless the line wraps there.
    if (atEnd && this.search === null && !/[\n\x00-\x1f]/.test(text) && room > chars.length)
      return text;
    return this.draw();
  }

  shownPrompt(): string {
    if (this.search !== null) return `(reverse-i-search)\`${this.search}': `;
    return this.prompt.slice(this.prompt.lastIndexOf("\n") + 1);
  }

  /** Columns that a text takes; escape sequences take none. */
  width(text: string): number {
    const plain = text.replace(/\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07/g, "");
    let columns = 0;
    for (const c of plain) columns += charWidth(c.codePointAt(0) as number);
    return columns;
  }

  /** Draw prompt and line anew, from where they were drawn before. */
  draw(erase = "\r\x1b[J"): string {
    const prompt = this.shownPrompt();
    const head = this.prompt.slice(0, this.prompt.lastIndexOf("\n") + 1);
    let out = "";
    if (this.row > 0) out += `\x1b[${this.row}A`;
    out += erase;
    if (head && this.row === 0 && this.text.length === 0 && this.search === null)
      out += head.replace(/\n/g, "\r\n");
    const shown = this.text.map(visible);
    out += prompt + shown.join("").replace(/\n/g, "\r\n");
    const end = this.place(this.text.length, prompt);
    const here = this.place(this.cursor, prompt);
    // At the last column the terminal has not wrapped yet; a blank and a return make it.
    if (end.column === 0 && end.row > 0 && this.text[this.text.length - 1] !== "\n") out += " \r";
    if (end.row > here.row) out += `\x1b[${end.row - here.row}A`;
    if (here.column !== end.column || end.row !== here.row)
      out += here.column > 0 ? `\r\x1b[${here.column}C` : "\r";
    this.row = here.row;
    return out;
  }

  /** Where character `index` stands, counted from the prompt's row. */
  place(index: number, prompt: string): { row: number; column: number } {
    let column = this.width(prompt);
    let row = Math.floor(column / this.columns);
    column %= this.columns;
    for (let i = 0; i < index; i++) {
      const c = this.text[i] as string;
      if (c === "\n") {
        row++;
        column = 0;
        continue;
      }
      column += this.width(visible(c));
      if (column >= this.columns) {
        row++;
        column -= this.columns;
      }
    }
    return { row, column };
  }

  /** Go below the line, leaving it as it is. */
  leave(): string {
    const out =
      this.cursor === this.text.length && !this.searched ? "" : this.move(this.text.length);
    this.searched = false;
    this.row = 0;
    return `${out}\r\n`;
  }

  move(to: number): string {
    this.cursor = Math.max(0, Math.min(this.text.length, to));
    return this.draw();
  }

  wordLeft(): number {
    let i = this.cursor;
    while (i > 0 && !/[\p{L}\p{N}]/u.test(this.text[i - 1] as string)) i--;
    while (i > 0 && /[\p{L}\p{N}]/u.test(this.text[i - 1] as string)) i--;
    return i;
  }

  wordRight(): number {
    let i = this.cursor;
    while (i < this.text.length && !/[\p{L}\p{N}]/u.test(this.text[i] as string)) i++;
    while (i < this.text.length && /[\p{L}\p{N}]/u.test(this.text[i] as string)) i++;
    return i;
  }

  /** The beginning of the word before the cursor by blanks (Ctrl-W). */
  blankLeft(): number {
    let i = this.cursor;
    while (i > 0 && /\s/.test(this.text[i - 1] as string)) i--;
    while (i > 0 && !/\s/.test(this.text[i - 1] as string)) i--;
    return i;
  }

  cut(from: number, to: number): string {
    if (from >= to) return "\x07";
    this.killed = this.text.slice(from, to).join("");
    this.text.splice(from, to - from);
    this.cursor = from;
    return this.draw();
  }

  remove(from: number, count = 1): string {
    if (from < 0 || from >= this.text.length) return "\x07";
    this.text.splice(from, count);
    this.cursor = from;
    return this.draw();
  }

  recall(to: number): string {
    if (to < 0 || to > this.history.length) return "\x07";
    if (this.at === this.history.length) this.draft = this.line;
    this.at = to;
    this.setLine(to === this.history.length ? this.draft : (this.history[to] as string));
    return this.draw();
  }

  /** Ctrl-R: the newest entry before `from` that has the text. */
  find(from: number): string {
    const wanted = this.search ?? "";
    for (let i = Math.min(from, this.history.length - 1); i >= 0; i--) {
      const entry = this.history[i] as string;
      const where = entry.lastIndexOf(wanted);
      if (where < 0) continue;
      this.searchAt = i;
      this.text = [...entry];
      this.cursor = [...entry.slice(0, where)].length;
      return this.draw();
    }
    return `\x07${this.draw()}`;
  }

  /** One key; null when it is not the editor's (Enter, Tab, Ctrl-C, Ctrl-D on an empty line). */
  key(key: string): string | null {
    if (this.search !== null) return this.searchKey(key);
    switch (key) {
      case "\x01":
      case "\x1b[H":
      case "\x1bOH":
      case "\x1b[1~":
        return this.move(0);
      case "\x05":
      case "\x1b[F":
      case "\x1bOF":
      case "\x1b[4~":
        return this.move(this.text.length);
      case "\x02":
      case "\x1b[D":
      case "\x1bOD":
        return this.cursor > 0 ? this.move(this.cursor - 1) : "\x07";
      case "\x06":
      case "\x1b[C":
      case "\x1bOC":
        return this.cursor < this.text.length ? this.move(this.cursor + 1) : "\x07";
      case "\x1bb":
      case "\x1b[1;5D":
      case "\x1b[1;3D":
        return this.move(this.wordLeft());
      case "\x1bf":
      case "\x1b[1;5C":
      case "\x1b[1;3C":
        return this.move(this.wordRight());
      case "\x10":
      case "\x1b[A":
      case "\x1bOA":
        return this.recall(this.at - 1);
      case "\x0e":
      case "\x1b[B":
      case "\x1bOB":
        return this.recall(this.at + 1);
      case "\x1b<":
        return this.recall(0);
      case "\x1b>":
        return this.recall(this.history.length);
      case "\x7f":
      case "\b":
        return this.cursor > 0 ? this.remove(this.cursor - 1) : "\x07";
      case "\x1b[3~":
        return this.remove(this.cursor);
      case "\x04":
        return this.text.length ? this.remove(this.cursor) : null;
      case "\x0b":
        return this.cut(this.cursor, this.text.length);
      case "\x15":
        return this.cut(0, this.cursor);
      case "\x17":
        return this.cut(this.blankLeft(), this.cursor);
      case "\x1b\x7f":
        return this.cut(this.wordLeft(), this.cursor);
      case "\x1bd":
        return this.cut(this.cursor, this.wordRight());
      case "\x19":
        return this.killed ? this.insert(this.killed) : "\x07";
      case "\x14":
        return this.transpose();
      case "\x1b.":
      case "\x1b_": {
        const words = (this.history[this.history.length - 1] ?? "").split(/\s+/);
        return this.insert(words[words.length - 1] ?? "");
      }
      case "\x0c":
        this.row = 0;
        return `\x1b[H\x1b[2J${this.draw()}`;
      case "\x12":
        this.search = "";
        this.searched = true;
        this.searchAt = this.history.length;
        return this.draw();
    }
    if (/^[\x00-\x1f\x7f]/.test(key)) return key.startsWith("\x1b") ? "" : null;
    return this.insert(key);
  }

  transpose(): string {
    if (this.cursor === 0 || this.text.length < 2) return "\x07";
    const i = this.cursor === this.text.length ? this.cursor - 1 : this.cursor;
    const [a, b] = [this.text[i - 1] as string, this.text[i] as string];
    this.text[i - 1] = b;
    this.text[i] = a;
    return this.move(i + 1);
  }

  private searchKey(key: string): string | null {
    const wanted = this.search ?? "";
    if (key === "\x12") return this.find(this.searchAt - 1);
    if (key === "\x7f" || key === "\b") {
      this.search = wanted.slice(0, -1);
      return this.find(this.history.length - 1);
    }
    if (key === "\x07") {
      this.search = null;
      this.setLine(this.draft);
      return this.draw();
    }
    if (!/^[\x00-\x1f\x7f]/.test(key)) {
      this.search = wanted + key;
      return this.find(this.searchAt === this.history.length ? this.searchAt - 1 : this.searchAt);
    }
    // Any other key ends the search and means what it means.
    this.search = null;
    this.at = Math.min(this.searchAt, this.history.length);
    const drawn = this.draw();
    if (key === "\x1b") return drawn;
    const more = this.key(key);
    return more === null ? null : drawn + more;
  }
}

function visible(c: string): string {
  if (c === "\n" || c >= " ") return c === "\x7f" ? "^?" : c;
  return c === "\t" ? "    " : `^${String.fromCharCode(c.charCodeAt(0) + 64)}`;
}

/** East Asian wide characters and emoji take two columns; combining marks none. */
function charWidth(code: number): number {
  if (code < 0x300) return 1;
  if (code <= 0x36f) return 0;
  if (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff)
  )
    return 2;
  return 1;
}

/** Bytes of a terminal cut into keys: a character, a control, an escape sequence. */
export function nextKey(input: string): { key: string; rest: string } | null {
  if (input === "") return null;
  if (input[0] === "\x1b") {
    const match = /^\x1b(?:\[[0-9;?]*[a-zA-Z~]|O[a-zA-Z]|[^[O])/.exec(input);
    if (match) return { key: match[0], rest: input.slice(match[0].length) };
    // An unfinished sequence waits for the rest; a lone Escape is one key.
    if (/^\x1b(\[[0-9;?]*|O)$/.test(input)) return null;
    return { key: "\x1b", rest: input.slice(1) };
  }
  const key = String.fromCodePoint(input.codePointAt(0) as number);
  return { key, rest: input.slice(key.length) };
}
