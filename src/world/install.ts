import { commands } from "../shell/commands.ts";
import { installCommands } from "../shell/registry.ts";
import * as cluster from "./part/cluster.ts";
import * as mesh from "./part/mesh.ts";
import * as shell from "./part/shell.ts";

/**
 * Make the grammar of the shell, every command, every kind of object and every program of pods known: to
 * be done once, before a world starts. The page has them in parts (worker/parts.ts).
 */
export function installAll(): void {
  shell.install();
  installCommands(commands);
  cluster.install();
  mesh.install();
}
