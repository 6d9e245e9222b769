/** What getopt_long made of a command line. */
export interface Options {
  /** Each option that was given, in order, with its argument. */
  list: [string, string | null][];
  operands: string[];
  /** What to print on standard error when it was wrong; usually exit status 1 or 2. */
  error: string | null;
}

export class Parsed implements Options {
  list: [string, string | null][] = [];
  operands: string[] = [];
  error: string | null = null;

  has(...names: string[]): boolean {
    return this.list.some(([name]) => names.includes(name));
  }

  /** The argument of the last of these that was given. */
  get(...names: string[]): string | null {
    for (let i = this.list.length - 1; i >= 0; i--) {
      const [name, value] = this.list[i] as [string, string | null];
      if (names.includes(name)) return value;
    }
    return null;
  }

  all(...names: string[]): string[] {
    return this.list.filter(([name]) => names.includes(name)).map(([, value]) => value ?? "");
  }
}

/**
 * GNU getopt_long: `short` as in C ("ab:c" - b takes an argument, "d::" optionally), `long` maps a
 * long name to a short letter (or itself), with `=` at its end when it takes an argument, `=?` when
 * it may. Options and operands may be mixed unless `short` begins with `+`.
 */
export function getopt(
  argv: readonly string[],
  short: string,
  long: Record<string, string> = {},
): Parsed {
  const out = new Parsed();
  const tool = argv[0] ?? "";
  const strict = short.startsWith("+");
  const help = `Try '${tool} --help' for more information.\n`;
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === "--") {
      out.operands.push(...argv.slice(i + 1));
      break;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const names = Object.keys(long);
      const exact = names.filter((key) => key.replace(/=\??$/, "") === name);
      const found = exact.length ? exact : names.filter((key) => key.startsWith(name));
      const targets = new Set(found.map((key) => long[key]));
      if (found.length === 0) {
        out.error = `${tool}: unrecognized option '${word}'\n${help}`;
        return out;
      }
      if (targets.size > 1) {
        const which = found.map((key) => `'--${key.replace(/=\??$/, "")}'`).join(" ");
        out.error = `${tool}: option '--${name}' is ambiguous; possibilities: ${which}\n${help}`;
        return out;
      }
      const key = found[0] as string;
      let value: string | null = equals < 0 ? null : word.slice(equals + 1);
      if (key.endsWith("=") && value === null) {
        if (i + 1 >= argv.length) {
          out.error = `${tool}: option '--${name}' requires an argument\n${help}`;
          return out;
        }
        value = argv[++i] as string;
      }
      if (!/=\??$/.test(key) && value !== null) {
        out.error = `${tool}: option '--${name}' doesn't allow an argument\n${help}`;
        return out;
      }
      out.list.push([long[key] as string, value]);
      continue;
    }
    if (word.length > 1 && word.startsWith("-")) {
      for (let j = 1; j < word.length; j++) {
        const letter = word[j] as string;
        const at = letter === ":" ? -1 : short.indexOf(letter);
        if (at < 0) {
          out.error = `${tool}: invalid option -- '${letter}'\n${help}`;
          return out;
        }
        if (short[at + 1] !== ":") {
          out.list.push([letter, null]);
          continue;
        }
        const rest = word.slice(j + 1);
        if (rest !== "" || short[at + 2] === ":")
          out.list.push([letter, rest === "" ? null : rest]);
        else if (i + 1 < argv.length) out.list.push([letter, argv[++i] as string]);
        else {
          out.error = `${tool}: option requires an argument -- '${letter}'\n${help}`;
          return out;
        }
        break;
      }
      continue;
    }
    out.operands.push(word);
    if (strict) {
      out.operands.push(...argv.slice(i + 1));
      break;
    }
  }
  return out;
}
