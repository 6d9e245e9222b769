const CONTROL: Record<string, string> = {
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\x1b": "\\E",
  "\x07": "\\a",
  "\b": "\\b",
  "\v": "\\v",
  "\f": "\\f",
};

/** `$'...'` for text with control characters, as bash writes it. */
function ansiC(text: string): string {
  let out = "";
  for (const c of text) {
    if (c === "'" || c === "\\") out += `\\${c}`;
    else if (c < " " || c === "\x7f")
      out += CONTROL[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`;
    else out += c;
  }
  return `$'${out}'`;
}

/** A token that a message names: as it is, but for what cannot be printed. */
export function quoteUnprintable(text: string): string {
  return /[\x00-\x1f\x7f]/.test(text) ? ansiC(text) : text;
}

/** `${x@Q}`, `declare -p` and `set`: always in quotes. */
export function quoteWord(text: string): string {
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiC(text);
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/** `set` and `export` without quotes where none are needed. */
export function quoteIfNeeded(text: string): string {
  return text !== "" && /^[\w@%+=:,./-]+$/.test(text) ? text : text === "" ? "''" : quoteWord(text);
}

/** `printf %q`: backslashes. */
export function quoteBackslash(text: string): string {
  if (text === "") return "''";
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiC(text);
  return text.replace(/[^\w@%+=:,./\u0080-\uffff-]/g, "\\$&");
}

/** `declare -p`: double quotes. */
export function quoteDouble(text: string): string {
  if (/[\x00-\x1f\x7f]/.test(text)) return ansiC(text);
  return `"${text.replace(/[\\"$`]/g, "\\$&")}"`;
}

/** `set -x`: quotes only where they matter. */
export function quoteTrace(text: string): string {
  return text === "" || /[^\w@%+=:,./-]/.test(text) ? traceQuoted(text) : text;
}

function traceQuoted(text: string): string {
  return /^[[\]{}~^!]+$/.test(text) && text !== "!" && text.length === 1 && text !== "~"
    ? text === "[" || text === "]"
      ? text
      : quoteWord(text)
    : quoteWord(text);
}
