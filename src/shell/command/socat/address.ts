/** Ends socat: what its log says, after the time and its name (socat: error.c). */
export class SocatError extends Error {}

export type Kind = "stdio" | "stdin" | "stdout" | "listen" | "connect" | "system" | "exec";

/** One of the two things that are joined: `TCP-LISTEN:80,fork`. */
export interface Address {
  kind: Kind;
  /** What stands between colons. */
  params: string[];
  options: Map<string, string | null>;
}

/** By their names (socat: xioopen.c, addressnames), with how many parameters they want. */
const KINDS: Readonly<Record<string, [Kind, number]>> = {
  STDIO: ["stdio", 0],
  STDIN: ["stdin", 0],
  STDOUT: ["stdout", 0],
  "TCP-LISTEN": ["listen", 1],
  "TCP-L": ["listen", 1],
  "TCP4-LISTEN": ["listen", 1],
  "TCP4-L": ["listen", 1],
  TCP: ["connect", 2],
  TCP4: ["connect", 2],
  "TCP-CONNECT": ["connect", 2],
  "TCP4-CONNECT": ["connect", 2],
  SYSTEM: ["system", 1],
  EXEC: ["exec", 1],
};

/** Other names of an option, and its own (socat: xioopts.c, optionnames). */
const OPTIONS: Readonly<Record<string, string>> = {
  fork: "fork",
  bind: "bind",
  reuseaddr: "reuseaddr",
  "so-reuseaddr": "reuseaddr",
  transparent: "transparent",
  "ip-transparent": "transparent",
};

/** Split at `at`, but not within quotes or after a backslash, which go away (socat: nestlex.c). */
function split(text: string, at: string): string[] {
  const parts = [""];
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    let letter = text[i] as string;
    if (letter === quote) {
      quote = "";
      continue;
    }
    if (!quote && (letter === '"' || letter === "'")) {
      quote = letter;
      continue;
    }
    if (!quote && letter === at) {
      parts.push("");
      continue;
    }
    if (letter === "\\" && quote !== "'" && i + 1 < text.length) letter = text[++i] as string;
    parts[parts.length - 1] += letter;
  }
  return parts;
}

/** Throws SocatError for what socat does not know. */
export function parseAddress(text: string): Address {
  if (text === "-") return { kind: "stdio", params: [], options: new Map() };
  const [head = "", ...settings] = split(text, ",");
  const [name = "", ...params] = split(head, ":");
  const found = KINDS[name.toUpperCase()];
  if (!found) throw new SocatError(`unknown device/address "${name}"`);
  const [kind, wanted] = found;
  // What a command has after a colon is left out without a word.
  if (kind === "system" || kind === "exec") params.splice(1);
  if (params.length !== wanted)
    throw new SocatError(
      `${name.toUpperCase()}: wrong number of parameters (${params.length} instead of ${wanted})`,
    );
  const options = new Map<string, string | null>();
  for (const setting of settings) {
    const [key = "", ...value] = setting.split("=");
    const option = OPTIONS[key.toLowerCase()];
    if (!option) throw new SocatError(`parseopts_table(): unknown option "${key}"`);
    options.set(option, value.length ? value.join("=") : null);
  }
  return { kind, params, options };
}

/** Is the option on? `transparent`, `transparent=1`. */
export function isOn(address: Address, option: string): boolean {
  return address.options.has(option) && address.options.get(option) !== "0";
}
