import type { Builtin } from "./builtin.ts";
import { directory } from "./directory.ts";
import { flow } from "./flow.ts";
import { jobControl } from "./jobs.ts";
import { miscellany } from "./misc.ts";
import { reading } from "./read.ts";
import { settings } from "./set.ts";

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
        ...settings,
        ...reading,
        ...jobControl,
        ...miscellany,
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
