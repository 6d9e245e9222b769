import type { Plugin } from "vite";
import { parts } from "../../shell/commands.ts";
import type { CommandName } from "../../shell/registry.ts";

const ID = "virtual:commands";
const MODULE = "\0hopscope:commands";

/** What is said of every command without its code, in their order. */
export function commandList(): CommandName[] {
  return Object.entries(parts).flatMap(([part, commands]) =>
    commands.map(({ name, summary, builtin, sbin, aliases, group }) => ({
      ...{ name, summary, part },
      ...(builtin ? { builtin } : {}),
      ...(sbin ? { sbin } : {}),
      ...(aliases ? { aliases } : {}),
      ...(group ? { group } : {}),
    })),
  );
}

/** `virtual:commands`: the list as a module, for the worker, where each command's code comes when it is run. */
export function commandNames(): Plugin {
  return {
    name: "hopscope-commands",
    resolveId: (id) => (id === ID ? MODULE : undefined),
    load: (id) => (id === MODULE ? `export default ${JSON.stringify(commandList())};` : undefined),
  };
}
