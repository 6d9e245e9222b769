/** Rows kept: what is older has been read. */
const MOST = 2000;
const TAB = 8;

/** Text of one look: SGR numbers, joined; "" is plain. */
export interface Run {
  text: string;
  look: string;
}

interface Cell {
  char: string;
  look: string;
}

const BLANK: Cell = { char: " ", look: "" };

/**
 * What a terminal prints, as text: rows that grow downwards and are never repainted above the screen.
 * Knows what shells and line tools use (ECMA-48: moves within the last rows, erasing, colours); the
 * screens of full-screen programs are not for it.
 */
export class Transcript {
  rows: Cell[][] = [[]];
  row = 0;
  column = 0;
  columns: number;
  /** How many rows were cut off at the top: rows keep their numbers. */
  cut = 0;
  look: string[] = [];
  /** An escape sequence that has not come to its end. */
  rest = "";

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    const input = this.rest + text;
    this.rest = "";
    for (let at = 0; at < input.length; ) {
      const char = input[at] as string;
      if (char !== "\x1b") {
        const whole = String.fromCodePoint(input.codePointAt(at) ?? 0);
        this.put(whole);
        at += whole.length;
        continue;
      }
      const end = sequenceEnd(input, at);
      if (end < 0) {
        this.rest = input.slice(at);
        break;
      }
      this.sequence(input.slice(at, end));
      at = end;
    }
    const over = this.rows.length - MOST;
    if (over <= 0) return;
    this.rows.splice(0, over);
    this.cut += over;
    this.row -= over;
  }

  put(char: string): void {
    if (char === "\n") this.down();
    else if (char === "\r") this.column = 0;
    else if (char === "\b") this.column = Math.max(0, this.column - 1);
    else if (char === "\t")
      this.column = Math.min(this.columns - 1, (Math.floor(this.column / TAB) + 1) * TAB);
    else if (char >= " " && char !== "\x7f") {
      if (this.column >= this.columns) {
        this.column = 0;
        this.down();
      }
      const row = this.current();
      while (row.length < this.column) row.push(BLANK);
      row[this.column++] = { char, look: this.look.join(" ") };
    }
  }

  down(): void {
    this.row++;
    if (this.row === this.rows.length) this.rows.push([]);
  }

  current(): Cell[] {
    return this.rows[this.row] as Cell[];
  }

  sequence(text: string): void {
    const found = /^\x1b\[([0-9;]*)([A-Za-z])$/.exec(text);
    if (!found) return;
    const numbers = (found[1] ?? "").split(";").map((n) => Number(n) || 0);
    const n = Math.max(1, numbers[0] ?? 1);
    switch (found[2]) {
      case "A":
        this.row = Math.max(0, this.row - n);
        return;
      case "B":
        this.row = Math.min(this.rows.length - 1, this.row + n);
        return;
      case "C":
        this.column = Math.min(this.columns - 1, this.column + n);
        return;
      case "D":
        this.column = Math.max(0, this.column - n);
        return;
      case "G":
        this.column = Math.min(this.columns, n) - 1;
        return;
      case "H":
        // Home comes before clearing: what follows begins a new page.
        if (n === 1) this.clear();
        return;
      case "J":
        if (numbers[0] === 2 || numbers[0] === 3) this.clear();
        else {
          this.current().length = Math.min(this.current().length, this.column);
          this.rows.length = this.row + 1;
        }
        return;
      case "K":
        if (!numbers[0]) this.current().length = Math.min(this.current().length, this.column);
        return;
      case "m":
        this.colour(numbers);
        return;
    }
  }

  clear(): void {
    this.cut += this.rows.length;
    this.rows = [[]];
    this.row = 0;
    this.column = 0;
  }

  /** Bold and the sixteen colours; the rest is plain. */
  colour(numbers: number[]): void {
    for (const n of numbers) {
      if (n === 0) this.look = [];
      else if (n === 22) this.look = this.look.filter((one) => one !== "s1");
      else if (n === 39) this.look = this.look.filter((one) => one === "s1");
      else if (n === 1) this.look = [...new Set([...this.look, "s1"])];
      else if ((n >= 30 && n <= 37) || (n >= 90 && n <= 97))
        this.look = [...this.look.filter((one) => one === "s1"), `s${n}`];
    }
  }

  /** A row as runs of one look. */
  runs(row: number): Run[] {
    const runs: Run[] = [];
    for (const { char, look } of this.rows[row] ?? []) {
      const last = runs.at(-1);
      if (last?.look === look) last.text += char;
      else runs.push({ text: char, look });
    }
    return runs;
  }
}

/** Where the escape sequence that begins at `at` ends; -1: it goes on. */
function sequenceEnd(text: string, at: number): number {
  const kind = text[at + 1];
  if (kind === undefined) return -1;
  if (kind === "[") {
    for (let i = at + 2; i < text.length; i++) if (/[@-~]/.test(text[i] as string)) return i + 1;
    return -1;
  }
  if (kind === "]") {
    const bell = text.indexOf("\x07", at);
    const st = text.indexOf("\x1b\\", at + 1);
    if (bell < 0 && st < 0) return -1;
    return st < 0 || (bell >= 0 && bell < st) ? bell + 1 : st + 2;
  }
  return at + 2;
}
