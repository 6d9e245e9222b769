import { escapePattern, escapeRegex } from "./pattern.ts";

/** One field of a command line in the making: its text, and the same as a pattern. */
export class Field {
  text = "";
  pattern = "";
  /** An unquoted `*`, `?` or `[` is in it. */
  magic = false;
  /** Something quoted is in it, so that it stays even when empty. */
  quoted = false;
}

/**
 * Collects what a word expands to. `split` off: everything becomes one field (assignments,
 * here-documents, `case`); `regex`: quoted text is protected for a regular expression instead.
 */
export class Fields {
  done: Field[] = [];
  current: Field | null = null;
  split: boolean;
  regex: boolean;
  ifs: string;

  constructor(ifs: string, split: boolean, regex = false) {
    this.ifs = ifs;
    this.split = split;
    this.regex = regex;
  }

  open(): Field {
    this.current ??= new Field();
    return this.current;
  }

  /** Text that is itself: quoted, or without any special character. */
  literal(text: string, quoted: boolean): void {
    const field = this.open();
    field.text += text;
    field.pattern += this.regex ? (quoted ? escapeRegex(text) : text) : escapePattern(text);
    if (quoted) field.quoted = true;
  }

  /** Pattern characters of the word itself. */
  glob(text: string): void {
    const field = this.open();
    field.text += text;
    field.pattern += text;
    field.magic = true;
  }

  /** Where one element of "$@" ends and the next begins. */
  cut(): void {
    if (this.current) this.done.push(this.current);
    this.current = null;
  }

  private raw(text: string): void {
    const field = this.open();
    field.text += text;
    field.pattern += text;
    if (!field.magic && /[*?[]/.test(text)) field.magic = true;
  }

  /** The result of an unquoted expansion: split by IFS (POSIX 2.6.5). */
  value(text: string): void {
    if (!this.split || this.ifs === "") {
      if (text !== "" || !this.split) this.raw(text);
      return;
    }
    let i = 0;
    const n = text.length;
    while (i < n) {
      const c = text[i] as string;
      if (!this.ifs.includes(c)) {
        const from = i;
        while (i < n && !this.ifs.includes(text[i] as string)) i++;
        this.raw(text.slice(from, i));
        continue;
      }
      const from = i;
      while (i < n && isBlank(text[i]) && this.ifs.includes(text[i] as string)) i++;
      const hard = i < n && this.ifs.includes(text[i] as string);
      if (hard) {
        // A separator that is no blank ends a field, even an empty one.
        this.done.push(this.current ?? new Field());
        this.current = null;
        i++;
        while (i < n && isBlank(text[i]) && this.ifs.includes(text[i] as string)) i++;
      } else if (i > from) this.cut();
    }
  }

  finish(): Field[] {
    this.cut();
    return this.done;
  }

  /** All of it as one field (`split` off). */
  single(): Field {
    return this.current ?? new Field();
  }
}

function isBlank(c: string | undefined): boolean {
  return c === " " || c === "\t" || c === "\n";
}
