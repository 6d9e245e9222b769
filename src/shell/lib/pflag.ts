/** An option: what it is called, and whether it takes a value. */
export interface Flag {
  short?: string;
  value?: "text" | "integer" | "duration";
  /** What is wrong with a value, in the words of who takes it; null when nothing is. */
  check?(value: string): string | null;
  /** What it means when it stands there without a value: `--dry-run`, `--watch`. */
  implied?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** What was typed after the command. */
export interface Parsed {
  options: Map<string, string[]>;
  args: string[];
  /** After `--`. */
  rest: string[];
}

const DURATION = /^-?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$|^[-+]?0$/;

/**
 * Words into options and arguments, as spf13/pflag does it. `fail` throws its words. Where options are
 * not `interspersed` the first argument ends them.
 */
export function parsePflags(
  words: readonly string[],
  known: Flags,
  fail: (text: string) => never,
  interspersed = true,
): Parsed {
  const options = new Map<string, string[]>();
  const args: string[] = [];
  const put = (name: string, value: string, typed: string): void => {
    const flag = known[name] as Flag;
    const bad = (why: string): never =>
      fail(`invalid argument "${value}" for "${typed}" flag: ${why}`);
    if (flag.value === "integer" && !/^[-+]?\d+$/.test(value))
      bad(`strconv.ParseInt: parsing "${value}": invalid syntax`);
    if (flag.value === "duration" && !DURATION.test(value))
      bad(`time: ${/\d$/.test(value) ? "missing unit in" : "invalid"} duration "${value}"`);
    if (!flag.value && !/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value))
      bad(`strconv.ParseBool: parsing "${value}": invalid syntax`);
    const wrong = flag.check?.(value);
    if (wrong) bad(wrong);
    options.set(name, [...(options.get(name) ?? []), value]);
  };
  const display = (name: string): string => {
    const short = known[name]?.short;
    return short ? `-${short}, --${name}` : `--${name}`;
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === "--") return { options, args, rest: words.slice(i + 1) };
    if (word.startsWith("--")) {
      const [, name = "", inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const flag = known[name];
      if (!flag) fail(`unknown flag: --${name}`);
      else if (inline !== undefined) put(name, inline, display(name));
      else if (!flag.value) put(name, "true", display(name));
      else if (flag.implied !== undefined) put(name, flag.implied, display(name));
      else {
        const value = words[++i];
        if (value === undefined) fail(`flag needs an argument: --${name}`);
        put(name, value as string, display(name));
      }
    } else if (word.startsWith("-") && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] as string;
        const found = Object.entries(known).find(([, flag]) => flag.short === letter);
        if (!found) {
          fail(`unknown shorthand flag: '${letter}' in ${word.replace(/=.*/s, "")}`);
          break;
        }
        const [name, flag] = found;
        if (!flag.value) {
          put(name, word[at + 1] === "=" ? word.slice(at + 2) : "true", display(name));
          if (word[at + 1] === "=") break;
          continue;
        }
        const inline = word.slice(at + 1).replace(/^=/, "");
        const value = inline || words[++i];
        if (value === undefined) fail(`flag needs an argument: '${letter}' in ${word}`);
        put(name, value as string, display(name));
        break;
      }
    } else {
      args.push(word);
      if (!interspersed) return { options, args: [...args, ...words.slice(i + 1)], rest: [] };
    }
  }
  return { options, args, rest: [] };
}
