/** How many arguments an option of getopt_long takes. */
export type HasArgument = "none" | "required" | "optional";

export interface LongOption {
  name: string;
  argument: HasArgument;
}

/** What one call of getopt_long finds. */
export type Found<T extends LongOption> =
  | { kind: "end" }
  /** A word that is no option. */
  | { kind: "word"; argument: string }
  | { kind: "short"; letter: string; argument: string | null }
  | { kind: "long"; option: T; argument: string | null }
  | { kind: "unknown" }
  | { kind: "missing" };

/**
 * glibc's getopt_long in the order of the words (an optstring that begins with "-:"). `index` is
 * optind: programs look at and skip words behind its back, so it is public.
 */
export class Getopt {
  argv: readonly string[];
  index = 1;
  /** Letters left of a cluster such as -nvL. */
  cluster = "";
  letters: ReadonlyMap<string, HasArgument>;

  constructor(argv: readonly string[], letters: ReadonlyMap<string, HasArgument>) {
    this.argv = argv;
    this.letters = letters;
  }

  /** The next word, when it cannot be an option or a negation (iptables: xs_has_arg). */
  takeWord(): string | null {
    const word = this.argv[this.index];
    if (word === undefined || word.startsWith("-") || word.startsWith("!")) return null;
    this.index++;
    return word;
  }

  /** The word that was looked at last: argv[optind - 1]. */
  get last(): string {
    return this.argv[this.index - 1] ?? "";
  }

  next<T extends LongOption>(long: (name: string) => T | null): Found<T> {
    if (this.cluster !== "") return this.letter();
    const word = this.argv[this.index];
    if (word === undefined) return { kind: "end" };
    if (word === "--") {
      this.index++;
      return { kind: "end" };
    }
    if (!word.startsWith("-") || word === "-") {
      this.index++;
      return { kind: "word", argument: word };
    }
    if (word.startsWith("--")) return this.word(word.slice(2), long);
    this.cluster = word.slice(1);
    return this.letter();
  }

  word<T extends LongOption>(text: string, long: (name: string) => T | null): Found<T> {
    this.index++;
    const equals = text.indexOf("=");
    const option = long(equals < 0 ? text : text.slice(0, equals));
    if (!option) return { kind: "unknown" };
    if (equals >= 0) {
      if (option.argument === "none") return { kind: "unknown" };
      return { kind: "long", option, argument: text.slice(equals + 1) };
    }
    if (option.argument !== "required") return { kind: "long", option, argument: null };
    const argument = this.argv[this.index];
    if (argument === undefined) return { kind: "missing" };
    this.index++;
    return { kind: "long", option, argument };
  }

  letter():
    | { kind: "short"; letter: string; argument: string | null }
    | { kind: "unknown" | "missing" } {
    const letter = this.cluster.charAt(0);
    this.cluster = this.cluster.slice(1);
    const argument = this.letters.get(letter);
    const rest = this.cluster;
    if (argument === undefined || argument === "none") {
      if (rest === "") this.index++;
      return argument === undefined
        ? { kind: "unknown" }
        : { kind: "short", letter, argument: null };
    }
    this.cluster = "";
    this.index++;
    if (rest !== "") return { kind: "short", letter, argument: rest };
    if (argument === "optional") return { kind: "short", letter, argument: null };
    const next = this.argv[this.index];
    if (next === undefined) return { kind: "missing" };
    this.index++;
    return { kind: "short", letter, argument: next };
  }
}

/** The option of that name, or the only one that begins so; null when there is none, or several. */
export function findLong<T extends LongOption>(options: readonly T[], name: string): T | null {
  let found: T | null = null;
  let several = false;
  for (const option of options) {
    if (option.name === name) return option;
    if (!option.name.startsWith(name)) continue;
    if (found) several = true;
    else found = option;
  }
  return several ? null : found;
}
