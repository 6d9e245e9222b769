import { KubeProxy } from "../../kube/proxy.ts";
import { AmbientCni } from "../../mesh/ambient2022/cni.ts";
import { InpodAgent } from "../../mesh/inpod/agent.ts";
import { IstioCniPlugin } from "../../mesh/inpod/plugin.ts";
import { daemon } from "../daemon.ts";
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

export const istioCni: App = {
  name: "istio-cni",
  start({ world, machine, cluster, node, log }) {
    daemon(machine, ["install-cni"]);
    const today = world.spec.cluster?.mesh === "ambient-inpod";
    const agent = today
      ? new InpodAgent(cluster, node, node.name, log, true)
      : new AmbientCni(cluster, node, node.name, log);
    // What it puts into the node's configuration stays there when it goes.
    if (today) cluster.plugins.set(node.name, new IstioCniPlugin(node));
    world.agents = world.agents.filter((other) => other.node !== node.name);
    world.agents.push(agent);
    return agent;
  },
};
