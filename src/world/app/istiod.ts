import { Istiod } from "../../mesh/istiod/istiod.ts";
import { installDefinitions } from "../../mesh/istiod/policy/definitions.ts";
import { PREVIEW, TODAY } from "../../shell/command/istioctl/release.ts";
import { daemon } from "../daemon.ts";
import { authorities } from "./istio-volumes.ts";
import { type App, isToday } from "./registry.ts";

export const istiod: App = {
  name: "istiod",
  start(context) {
    const { world, machine, cluster, log } = context;
    const today = isToday(world);
    installDefinitions(cluster.store, today ? "v1" : "v1beta1");
    const process = daemon(machine, ["/usr/local/bin/pilot-discovery", "discovery"], 1337);
    const server = new Istiod({
      machine,
      process,
      store: cluster.store,
      ...authorities(context),
      output: log,
      release: today ? "today" : "2022",
      build: today ? TODAY : PREVIEW,
    });
    world.controlPlane = server;
    return server;
  },
};
