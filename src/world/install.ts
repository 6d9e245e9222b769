import { commands } from "../shell/commands.ts";
import { installCommands } from "../shell/registry.ts";
import * as builtins from "./part/builtins.ts";
import * as cluster from "./part/cluster.ts";
import * as ipMore from "./part/ip-more.ts";
import * as mesh from "./part/mesh.ts";
import * as names from "./part/names.ts";
import * as netfilter from "./part/netfilter.ts";
import * as shell from "./part/shell.ts";
import * as tcp from "./part/tcp.ts";

/**
 * Make the grammar of the shell, every command, every kind of object and every program of pods known: to
 * be done once, before a world starts. The page has them in parts (worker/parts.ts).
 */
export function installAll(): void {
  installCommands(commands);
  for (const part of [shell, builtins, names, ipMore, netfilter, tcp, cluster, mesh])
    part.install();
}
