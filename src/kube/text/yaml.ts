/**
 * YAML as kubectl prints it (sigs.k8s.io/yaml over gopkg.in/yaml.v2: encode.go, emitterc.go): keys in
 * order, lists not indented, plain text where it can be, lines folded after column 80.
 */

const WIDTH = 80;
const WORDS = new Set(
  "y Y yes Yes YES on On ON true True TRUE n N no No NO off Off OFF false False FALSE ~ null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF <<".split(
    " ",
  ),
);
const INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMP =
  /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d\d:\d\d)?)?$/;

/** Would it be read as something else than text? */
function isOther(text: string): boolean {
  const bare = text.replace(/_/g, "");
  return (
    text === "" ||
    WORDS.has(text) ||
    INTEGER.test(bare) ||
    FLOAT.test(bare) ||
    BASE60.test(text) ||
    TIMESTAMP.test(text)
  );
}

/** May it stand without quotes? (yaml_emitter_analyze_scalar, block_plain_allowed) */
function plainAllowed(text: string): boolean {
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^(---|\.\.\.)/.test(text)) return false;
  if (/^[-?:](\s|$)/.test(text) || /:(\s|$)/.test(text) || /\s#/.test(text)) return false;
  return (
    !/^\s|\s$/.test(text) &&
    !/[^\t\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)
  );
}

function isPrintable(text: string): boolean {
  return !/[^\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(text);
}

/** Fold at single spaces once the line is over the width. */
function fold(text: string, column: number, indent: number, quoted: "'" | '"' | ""): string {
  let out = "";
  let at = column;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    const inside = quoted === "" || (i > 0 && i < text.length - 1);
    const lone = c === " " && text[i - 1] !== " " && (quoted === '"' || text[i + 1] !== " ");
    if (lone && at > WIDTH && inside) {
      out += `\n${" ".repeat(indent)}`;
      at = indent;
      if (quoted === '"' && text[i + 1] === " ") {
        out += "\\";
        at++;
      }
      continue;
    }
    out += c;
    at++;
  }
  return out;
}

const ESCAPES: Record<string, string> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
};

function doubleQuoted(text: string): string {
  let out = "";
  for (const c of text) {
    const code = c.codePointAt(0) as number;
    if (ESCAPES[c]) out += ESCAPES[c];
    else if (c === " " || isPrintable(c)) out += c;
    else if (code <= 0xff) out += `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
    else out += `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  return out;
}

/** `column`: where the text begins; `indent`: where its further lines do; a key has no further lines. */
function scalar(text: string, column: number, indent: number, key = false): string {
  const width = key ? Number.NEGATIVE_INFINITY : column;
  if (text.includes("\n") && !key) {
    const spaceBeforeBreak = / \n/.test(text) || / $/.test(text);
    if (!spaceBeforeBreak && isPrintable(text)) {
      const pad = " ".repeat(indent);
      const hint = /^[ \n]/.test(text) ? "2" : "";
      const chomp = text.endsWith("\n") ? (/(^|\n)\n$/.test(text) ? "+" : "") : "-";
      const lines = text.replace(/\n$/, "").split("\n");
      return `|${hint}${chomp}\n${lines.map((line) => (line ? pad + line : "")).join("\n")}`;
    }
    return `"${fold(doubleQuoted(text), width + 1, indent, '"')}"`;
  }
  if (isOther(text) || !isPrintable(text) || text.includes("\n"))
    return `"${fold(doubleQuoted(text), width + 1, indent, '"')}"`;
  if (plainAllowed(text)) return fold(text, width, indent, "");
  return `'${fold(text.replace(/'/g, "''"), width + 1, indent, "'")}'`;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function inline(value: unknown, column: number, indent: number): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return scalar(value, column, indent);
  if (Array.isArray(value)) return "[]";
  if (typeof value === "object") return "{}";
  return String(value);
}

function block(value: object, indent: number, out: string[]): void {
  const pad = " ".repeat(indent);
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item !== "object" || item === null || isEmpty(item))
        out.push(`${pad}- ${inline(item, indent + 2, indent + 2)}`);
      else {
        const lines: string[] = [];
        block(item, indent + 2, lines);
        lines[0] = `${pad}- ${(lines[0] as string).slice(indent + 2)}`;
        out.push(...lines);
      }
    }
    return;
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  for (const [key, field] of fields.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = scalar(key, 0, 0, true);
    if (typeof field !== "object" || field === null || isEmpty(field)) {
      const column = indent + name.length + 2;
      out.push(`${pad}${name}: ${inline(field, column, indent + 2)}`);
    } else {
      out.push(`${pad}${name}:`);
      block(field, Array.isArray(field) ? indent : indent + 2, out);
    }
  }
}

/** One document, with its last newline. */
export function toYaml(value: unknown): string {
  if (typeof value !== "object" || value === null || isEmpty(value))
    return `${inline(value, 0, 2)}\n`;
  const out: string[] = [];
  block(value, 0, out);
  return `${out.join("\n")}\n`;
}
