import { parse } from "unbash";
import { startControllers } from "../kube/controller/start.ts";
import { customKind } from "../kube/kind/custom.ts";
import { installControllers, installKinds } from "../kube/kind-registry.ts";
import { kinds } from "../kube/kinds.ts";
import { commands } from "../shell/commands.ts";
import { installGrammar } from "../shell/parse.ts";
import { installCommands } from "../shell/registry.ts";
import { installApps, installImages, installPodWorker } from "./app/registry.ts";
import { apps } from "./apps.ts";
import { entrypointOf } from "./images.ts";
import { startNodeStatus } from "./node-status.ts";
import { PodWorker } from "./pod-worker.ts";

/** Make the grammar of the shell, every command, every kind of object and every program of pods known: to be done once, before a world starts. */
export function installAll(): void {
  installGrammar(parse);
  installCommands(commands);
  installKinds(kinds, customKind);
  installControllers(startControllers);
  installControllers(startNodeStatus);
  installImages(entrypointOf);
  installPodWorker(PodWorker);
  installApps(apps);
}
