import type { Command } from "./command.ts";
import { commands } from "./commands.ts";

/** Every program by name: a duplicate is a mistake of whoever added it. */
const byName = new Map<string, Command>();

function index(): Map<string, Command> {
  if (byName.size) return byName;
  for (const command of commands)
    for (const name of [command.name, ...(command.aliases ?? [])]) {
      if (byName.has(name)) throw new Error(`two commands are called ${name}`);
      byName.set(name, command);
    }
  return byName;
}

export function findCommand(name: string): Command | null {
  return index().get(name) ?? null;
}

export function commandNames(): string[] {
  return [...index().keys()].sort();
}

export function allCommands(): readonly Command[] {
  return commands;
}
