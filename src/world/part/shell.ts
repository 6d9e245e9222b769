import { commands } from "../../shell/part/core.ts";
import { installCommands } from "../../shell/registry.ts";

/** What the shell has inside. */
export function install(): void {
  installCommands(commands);
}
