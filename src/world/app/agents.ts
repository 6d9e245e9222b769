import { KubeProxy } from "../../kube/proxy.ts";
import { AmbientCni } from "../../mesh/ambient2022/cni.ts";
import { InpodAgent } from "../../mesh/inpod/agent.ts";
import { IstioCniPlugin } from "../../mesh/inpod/plugin.ts";
import { daemon } from "../daemon.ts";
import type { NodeAgent, World } from "../world.ts";
import { byMesh } from "./by-mesh.ts";
import { DnsServer } from "./dns.ts";
import type { App } from "./registry.ts";

export const dns: App = {
  name: "dns",
  start({ machine, cluster, log }) {
    const process = daemon(machine, ["/coredns", "-conf", "/etc/coredns/Corefile"]);
    return new DnsServer(machine, process, cluster.store, log);
  },
};

export const kubeProxy: App = {
  name: "kube-proxy",
  start({ world, machine, cluster, node }) {
    daemon(machine, ["kube-proxy", "--proxy-mode=iptables"]);
    const proxy = new KubeProxy(cluster, node);
    world.proxies.push(proxy);
    return proxy;
  },
};

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
