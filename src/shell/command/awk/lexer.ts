export class AwkError extends Error {}

export interface Token {
  kind:
    | "number"
    | "string"
    | "regex"
    | "name"
    | "call"
    | "builtin"
    | "keyword"
    | "op"
    | "newline"
    | "end";
  text: string;
  line: number;
}

const KEYWORDS = new Set(
  "BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf".split(
    " ",
  ),
);
export const BUILTINS = new Set(
  "length substr index split sub gsub match sprintf sin cos atan2 exp log sqrt int rand srand tolower toupper system close fflush strftime systime and or xor lshift rshift compl gensub".split(
    " ",
  ),
);
const OPERATORS = [
  "**=",
  "&&",
  "||",
  "++",
  "--",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "^=",
  "**",
  "==",
  "<=",
  ">=",
  "!=",
  "!~",
  ">>",
  ..."{}()[];,+-*/%^!><|?:~$=",
];

/** Tokens of an awk program (POSIX awk, lexical conventions). */
export function tokenize(source: string): Token[] {
  const out: Token[] = [];
  let line = 1;
  let i = 0;
  const push = (kind: Token["kind"], text: string) => out.push({ kind, text, line });
  /** May a slash here begin a regular expression? */
  const operand = () => {
    const last = out[out.length - 1];
    if (!last) return true;
    if (last.kind === "op") return ![")", "]", "$", "++", "--"].includes(last.text);
    return last.kind === "newline" || last.kind === "keyword";
  };
  while (i < source.length) {
    const c = source[i] as string;
    if (c === "\n") {
      push("newline", "\n");
      line++;
      i++;
    } else if (/[ \t\r]/.test(c)) i++;
    else if (c === "\\" && /^\\\r?\n/.test(source.slice(i))) {
      i = source.indexOf("\n", i) + 1;
      line++;
    } else if (c === "#") while (i < source.length && source[i] !== "\n") i++;
    else if (c === '"') {
      let text = "";
      for (i++; source[i] !== '"'; i++) {
        const d = source[i];
        if (d === undefined || d === "\n")
          throw new AwkError(`line ${line}: runaway string constant "${text} ...`);
        if (d !== "\\") {
          text += d;
          continue;
        }
        const next = source[++i] ?? "";
        const octal = /^[0-7]{1,3}/.exec(source.slice(i))?.[0];
        if (octal) {
          text += String.fromCharCode(Number.parseInt(octal, 8));
          i += octal.length - 1;
        } else if (next === "\n") line++;
        else
          text +=
            {
              n: "\n",
              t: "\t",
              r: "\r",
              "\\": "\\",
              '"': '"',
              "/": "/",
              a: "\x07",
              b: "\b",
              f: "\f",
              v: "\v",
            }[next] ?? `\\${next}`;
      }
      i++;
      push("string", text);
    } else if (c === "/" && operand()) {
      let text = "";
      let inBracket = false;
      for (i++; source[i] !== "/" || inBracket; i++) {
        const d = source[i];
        if (d === undefined || d === "\n")
          throw new AwkError(`line ${line}: runaway regular expression /${text} ...`);
        if (d === "[" && !inBracket) {
          inBracket = true;
          text += d;
          for (const first of ["^", "]"])
            if (source[i + 1] === first) {
              text += first;
              i++;
            }
          continue;
        }
        if (d === "]") inBracket = false;
        text += d;
        if (d === "\\") text += source[++i] ?? "";
      }
      i++;
      push("regex", text);
    } else if (/[0-9]/.test(c) || (c === "." && /[0-9]/.test(source[i + 1] ?? ""))) {
      const text = /^(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)/.exec(
        source.slice(i),
      )?.[0] as string;
      push("number", text);
      i += text.length;
    } else if (/[A-Za-z_]/.test(c)) {
      const text = /^\w+/.exec(source.slice(i))?.[0] as string;
      i += text.length;
      if (KEYWORDS.has(text)) push("keyword", text === "func" ? "function" : text);
      else if (BUILTINS.has(text)) push("builtin", text);
      else push(source[i] === "(" ? "call" : "name", text);
    } else {
      const operator = OPERATORS.find((one) => source.startsWith(one, i));
      if (!operator) throw new AwkError(`line ${line}: unexpected character '${c}'`);
      i += operator.length;
      push("op", operator === "**" ? "^" : operator === "**=" ? "^=" : operator);
    }
  }
  push("newline", "\n");
  push("end", "");
  return out;
}
