import { Agent } from "../../mesh/ambient2022/agent.ts";
import { AmbientCni, ztunnelScript } from "../../mesh/ambient2022/cni.ts";
import { PREVIEW } from "../../shell/command/istioctl/release.ts";
import { daemon } from "../daemon.ts";
import { appoint } from "./appoint.ts";
import { authorities, mount } from "./istio-volumes.ts";
import type { App } from "./registry.ts";

export const previewCni: App = {
  name: "istio-cni",
  generation: "preview",
  start({ world, machine, cluster, node, log }) {
    daemon(machine, ["install-cni"]);
    return appoint(world, new AmbientCni(cluster, node, node.name, log));
  },
};

/** The ztunnel of the 2022 preview: an agent and its Envoy. */
export const previewZtunnel: App = {
  name: "ztunnel",
  generation: "preview",
  // Its init container builds its own namespace's half of the path.
  init: ({ pod, nodeSpec }) =>
    ztunnelScript(pod.metadata.name, nodeSpec.gateway, pod.status.podIP ?? ""),
  start(context) {
    const { world, machine, node, pod, log, readiness } = context;
    const token = mount(context);
    const { tokens } = authorities(context);
    const process = daemon(machine, ["/usr/local/bin/pilot-agent", "proxy", "ztunnel"]);
    const envoy = daemon(machine, ["/usr/local/bin/envoy", "-c", "etc/istio/proxy/envoy-rev.json"]);
    const { name, namespace = "" } = pod.metadata;
    return new Agent({
      machine,
      process,
      envoy,
      pod: {
        name,
        namespace,
        ip: pod.status.podIP ?? "",
        node: node.name,
        serviceAccount: pod.spec.serviceAccountName ?? "default",
        istioVersion: PREVIEW.version,
      },
      tokens,
      token,
      readiness,
      output: log,
      keyLog: world.keyLog,
    });
  },
};
