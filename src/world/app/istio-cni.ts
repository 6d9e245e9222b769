import { AmbientCni } from "../../mesh/ambient2022/cni.ts";
import { InpodAgent } from "../../mesh/inpod/agent.ts";
import { IstioCniPlugin } from "../../mesh/inpod/plugin.ts";
import { daemon } from "../daemon.ts";
import type { NodeAgent, World } from "../world.ts";
import { byMesh } from "./by-mesh.ts";
import type { App } from "./registry.ts";

/** What runs on a node in the mesh's name, known to the world. */
function appoint<Agent extends NodeAgent>(world: World, agent: Agent): Agent {
  world.agents = world.agents.filter((other) => other.node !== agent.node);
  world.agents.push(agent);
  return agent;
}

const previewCni: App = {
  name: "istio-cni",
  start({ world, machine, cluster, node, log }) {
    daemon(machine, ["install-cni"]);
    return appoint(world, new AmbientCni(cluster, node, node.name, log));
  },
};

const todaysCni: App = {
  name: "istio-cni",
  start({ world, machine, cluster, node, log }) {
    daemon(machine, ["install-cni", "--log_output_level=info"]);
    // What it puts into the node's configuration stays there when it goes.
    cluster.plugins.set(node.name, new IstioCniPlugin(node, cluster.store));
    return appoint(world, new InpodAgent(cluster, node, node.name, log, true));
  },
};

export const istioCni = byMesh(previewCni, todaysCni);
