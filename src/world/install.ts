import { customKind } from "../kube/kind/custom.ts";
import { installKinds } from "../kube/kind-registry.ts";
import { kinds } from "../kube/kinds.ts";
import { commands } from "../shell/commands.ts";
import { installCommands } from "../shell/registry.ts";
import { installApps } from "./app/registry.ts";
import { apps } from "./apps.ts";

/** Make every command, every kind of object and every program of pods known: to be done once, before a world starts. */
export function installAll(): void {
  installCommands(commands);
  installKinds(kinds, customKind);
  installApps(apps);
}
