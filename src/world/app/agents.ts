import { KubeProxy } from "../../kube/proxy.ts";
import { AmbientCni, ztunnelScript } from "../../mesh/ambient2022/cni.ts";
import { Directory } from "../../mesh/ambient2022/directory.ts";
import { Ztunnel } from "../../mesh/ambient2022/ztunnel.ts";
import { CertificateAuthority } from "../../mesh/identity/authority.ts";
import { WorkloadSecrets } from "../../mesh/identity/secrets.ts";
import { daemon } from "../daemon.ts";
import { DnsServer } from "./dns.ts";
import type { App } from "./registry.ts";

export const dns: App = {
  name: "dns",
  start({ machine, cluster, status }) {
    const process = daemon(machine, ["/coredns", "-conf", "/etc/coredns/Corefile"]);
    return new DnsServer(machine, process, cluster.store, status);
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
  start({ world, machine, cluster, node, pod, status }) {
    daemon(machine, ["install-cni"]);
    const cni = new AmbientCni(cluster, node, pod.node, status);
    world.cnis = world.cnis.filter((other) => other.node !== pod.node);
    world.cnis.push(cni);
    return cni;
  },
};

export const ztunnel: App = {
  name: "ztunnel",
  // Its init container builds its own namespace's half of the path.
  init: ({ pod, nodeSpec }) => ztunnelScript(pod.meta.name, nodeSpec.gateway, pod.ip),
  start({ world, machine, cluster, pod, status }) {
    const { sim } = machine;
    world.authority ??= new CertificateAuthority("cluster.local", sim.rng("istiod"), sim.epoch);
    return new Ztunnel({
      machine,
      process: daemon(machine, ["/usr/local/bin/envoy", "-c", "etc/istio/proxy/envoy-rev.json"]),
      node: pod.node,
      directory: new Directory(cluster),
      secrets: new WorkloadSecrets(cluster, machine, pod.node, world.authority),
      status,
      keyLog: world.keyLog,
    });
  },
};
