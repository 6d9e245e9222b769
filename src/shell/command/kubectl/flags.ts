import { KubectlError } from "./error.ts";

/** An option of a verb: what it is called, and whether it takes a value. */
export interface Flag {
  short?: string;
  value?: "text" | "integer" | "duration";
  /** What it means when it stands there without a value: `--dry-run`, `--watch`. */
  implied?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** What every verb takes. */
export const GLOBAL: Flags = {
  namespace: { short: "n", value: "text" },
  context: { value: "text" },
  kubeconfig: { value: "text" },
  "request-timeout": { value: "text" },
  server: { short: "s", value: "text" },
  help: { short: "h" },
  v: { short: "v", value: "integer" },
};

export const SELECTOR: Flags = {
  selector: { short: "l", value: "text" },
  "field-selector": { value: "text" },
  "all-namespaces": { short: "A" },
};
export const FILES: Flags = {
  filename: { short: "f", value: "text" },
  recursive: { short: "R" },
};
export const OUTPUT: Flags = { output: { short: "o", value: "text" } };
export const DRY_RUN: Flags = { "dry-run": { value: "text", implied: "unchanged" } };
export const VALIDATE: Flags = { validate: { value: "text", implied: "true" } };

/** What was typed after the verb. */
export interface Parsed {
  options: Map<string, string[]>;
  args: string[];
  /** After `--`. */
  rest: string[];
}

const DURATION = /^-?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$|^[-+]?0$/;

/** Words into options and arguments, as spf13/pflag does it. `rest`: arguments end the options. */
export function parseFlags(
  words: readonly string[],
  known: Flags,
  verb: string,
  interspersed = true,
): Parsed {
  const see = `See 'kubectl ${verb} --help' for usage.`.replace("  ", " ");
  const fail = (text: string): never => {
    throw new KubectlError(`error: ${text}\n${see}`);
  };
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

/** "1m30s" in ns. */
export function durationOf(text: string): number {
  const units: Record<string, number> = {
    ns: 1,
    us: 1e3,
    µs: 1e3,
    ms: 1e6,
    s: 1e9,
    m: 6e10,
    h: 3.6e12,
  };
  let sum = 0;
  for (const [, value = "0", unit = "s"] of text.matchAll(/(\d*\.?\d+)\.?(ns|us|µs|ms|s|m|h)/g))
    sum += Number(value) * (units[unit] ?? 0);
  return text.startsWith("-") ? -sum : sum;
}
