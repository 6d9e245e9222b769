import type { Builtin } from "./builtin.ts";
import { directory } from "./directory.ts";
import { flow } from "./flow.ts";

/**
 * Builtins that a line without them does not need: known by name, they come when they are used. Whoever
 * starts the engine fills the list, so it is no state of a world.
 */
const LATER =
  "alias bg builtin caller command disown fg getopts hash history jobs kill let mapfile printf read readarray set shopt times trap type ulimit umask unalias unset wait";
const PART = "builtins";
const later = new Map<string, Builtin>();

export function installBuiltins(builtins: Readonly<Record<string, Builtin>>): void {
  for (const [name, builtin] of Object.entries(builtins)) later.set(name, builtin);
}

/** The builtin, once it has come: no time passes. */
function lateOne(name: string): Builtin {
  return function* (sh, argv) {
    if (!later.has(name)) yield { on: [], until: Number.POSITIVE_INFINITY, part: PART };
    return yield* (later.get(name) as Builtin)(sh, argv);
  };
}

/**
 * Builtins that work on the shell's state. Those that only print or compute (echo, test, true) are
 * commands of the registry, marked `builtin`; those that declare are in declare.ts.
 */
class Builtins {
  table: Map<string, Builtin> | null = null;

  /** Made on first use: the modules of the shell import one another in a circle. */
  all(): Map<string, Builtin> {
    this.table ??= new Map(
      Object.entries({
        ...flow,
        ...directory,
        ...Object.fromEntries(LATER.split(" ").map((name) => [name, lateOne(name)])),
      }),
    );
    return this.table;
  }

  get(name: string): Builtin | undefined {
    return this.all().get(name);
  }

  has(name: string): boolean {
    return this.all().has(name);
  }

  names(): string[] {
    return [...this.all().keys()].sort();
  }
}

export const builtins = new Builtins();
