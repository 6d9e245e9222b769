import type { Process, Run } from "../host/process.ts";
import { Absent } from "../sim/part.ts";
import type { Command } from "./command.ts";

/** What is said of a command by who lists, finds or names it; and the part that its code is in. */
export interface CommandName
  extends Pick<Command, "name" | "summary" | "builtin" | "sbin" | "aliases" | "group"> {
  part: string;
}

/** A command whose code has not come yet: it is there like any other, and waits for it when it is run. */
class NamedCommand implements Command {
  name: string;
  summary: string;
  builtin: boolean;
  sbin: boolean;
  aliases: readonly string[];
  group: NonNullable<Command["group"]>;
  part: string;

  constructor({ name, summary, builtin, sbin, aliases, group, part }: CommandName) {
    this.name = name;
    this.summary = summary;
    this.builtin = builtin ?? false;
    this.sbin = sbin ?? false;
    this.aliases = aliases ?? [];
    this.group = group ?? "network";
    this.part = part;
  }

  get man(): string {
    throw new Absent(this.part);
  }

  *run(p: Process, argv: string[]): Run {
    yield* arrival(this);
    return yield* (byName.get(this.name) as Command).run(p, argv);
  }
}

/**
 * Programs by name. Whoever starts the engine fills it with `commands.ts` before anything runs (the
 * page: with their names, and with each part's code when it has come), so it is no state of a world.
 */
const byName = new Map<string, Command>();

/** Make programs known. The same one twice is fine; another of its name is a mistake of whoever added it. */
export function installCommands(commands: readonly Command[]): void {
  for (const command of commands)
    for (const name of [command.name, ...(command.aliases ?? [])]) {
      const known = byName.get(name);
      if (known && known !== command && !(known instanceof NamedCommand))
        throw new Error(`two commands are called ${name}`);
      byName.set(name, command);
    }
}

/** Make the names of programs known; the code of each comes with its part. */
export function installNames(names: readonly CommandName[]): void {
  installCommands(
    names.filter(({ name }) => !byName.has(name)).map((name) => new NamedCommand(name)),
  );
}

/** The part that has to come before anything but the name of `command` can be used; null: none. */
export function partOf(command: Command | null): string | null {
  const known = command && byName.get(command.name);
  return known instanceof NamedCommand ? known.part : null;
}

/** Wait until the code of `command` has come: no time passes. */
export function* arrival(command: Command | null): Run<void> {
  const part = partOf(command);
  if (part !== null) yield { on: [], until: Number.POSITIVE_INFINITY, part };
}

/** Do something at once, and again when it needed a part that had not come: no time passes. */
export function* whenThere<T>(act: () => T): Run<T> {
  for (;;) {
    let part: string;
    try {
      return act();
    } catch (error) {
      if (!(error instanceof Absent)) throw error;
      part = error.part;
    }
    yield { on: [], until: Number.POSITIVE_INFINITY, part };
  }
}

export function findCommand(name: string): Command | null {
  return byName.get(name) ?? null;
}

export function commandNames(): string[] {
  return [...byName.keys()].sort();
}

export function allCommands(): readonly Command[] {
  return [...new Set(byName.values())];
}
