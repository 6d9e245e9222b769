import { KubeProxy } from "../../kube/proxy.ts";
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
