import type { Command } from "./command.ts";

/**
 * Programs by name. Whoever starts the engine fills it with `commands.ts` before anything runs (the
 * page loads that part while its first prompt appears), so it is no state of a world.
 */
const byName = new Map<string, Command>();

/** Make programs known. The same one twice is fine; another of its name is a mistake of whoever added it. */
export function installCommands(commands: readonly Command[]): void {
  for (const command of commands)
    for (const name of [command.name, ...(command.aliases ?? [])]) {
      const known = byName.get(name);
      if (known && known !== command) throw new Error(`two commands are called ${name}`);
      byName.set(name, command);
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
