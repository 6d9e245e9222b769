import { commands } from "../shell/commands.ts";
import { installCommands } from "../shell/registry.ts";
import * as builtins from "./part/builtins.ts";
import * as cluster from "./part/cluster.ts";
import * as ipMore from "./part/ip-more.ts";
import * as mesh from "./part/mesh.ts";
import * as meshPreview from "./part/mesh-preview.ts";
import * as meshToday from "./part/mesh-today.ts";
import * as names from "./part/names.ts";
import * as netfilter from "./part/netfilter.ts";
import * as netfilterMore from "./part/netfilter-more.ts";
import * as networkPolicy from "./part/network-policy.ts";
import * as spire from "./part/spire.ts";
import * as tcp from "./part/tcp.ts";

/**
 * Make the grammar of the shell, every command, every kind of object and every program of pods known: to
 * be done once, before a world starts. The page has them in parts (worker/parts.ts).
 */
export function installAll(): void {
  installCommands(commands);
  const rooms = [builtins, names, ipMore, netfilter, netfilterMore, tcp, cluster];
  const programs = [networkPolicy, mesh, meshPreview, meshToday, spire];
  for (const part of [...rooms, ...programs]) part.install();
}
