import { goSeconds } from "../../base/go-duration.ts";
import type { Process } from "../../host/process.ts";
import { InpodAgent } from "../../mesh/inpod/agent.ts";
import { IstioCniPlugin } from "../../mesh/inpod/plugin.ts";
import { ZdsClient } from "../../mesh/inpod/zds.ts";
import { CLUSTER_ID } from "../../mesh/istiod/workloads.ts";
import { Discovery } from "../../mesh/ztunnel/control-plane.ts";
import { IstiodCertificates } from "../../mesh/ztunnel/node-certificates.ts";
import { SpireCertificates } from "../../mesh/ztunnel/spire-certificates.ts";
import { Ztunnel } from "../../mesh/ztunnel/ztunnel.ts";
import { TODAY } from "../../shell/command/istioctl/release.ts";
import { SEC } from "../../sim/sim.ts";
import { daemon } from "../daemon.ts";
import { runtimeOf } from "../runtime.ts";
import { appoint } from "./appoint.ts";
import { mount } from "./istio-volumes.ts";
import type { App, AppContext } from "./registry.ts";

export const todaysCni: App = {
  name: "istio-cni",
  generation: "today",
  start({ world, machine, cluster, node, log }) {
    daemon(machine, ["install-cni", "--log_output_level=info"]);
    // What it puts into the node's configuration stays there when it goes.
    cluster.plugins.set(node.name, new IstioCniPlugin(node, cluster.store));
    return appoint(world, new InpodAgent(cluster, node, node.name, log, true));
  },
};

/** Who stops with the ztunnel's pod. */
class ZtunnelParts {
  parts: readonly { stop(): void }[];
  ztunnel: Ztunnel;

  constructor(ztunnel: Ztunnel, parts: readonly { stop(): void }[]) {
    this.ztunnel = ztunnel;
    this.parts = parts;
  }

  get isReady(): boolean {
    return this.ztunnel.isReady;
  }

  stop(): void {
    for (const part of this.parts) part.stop();
  }
}

/** The image that can have its certificates from SPIRE: Istio's own cannot. */
const FORK = /(^|\/)cilium\/ztunnel(:|@|$)/;

/** SPIRE's certificates, where the image knows of it and its environment says so. */
function spireOf(context: AppContext, process: Process): SpireCertificates | null {
  const { pod, node, container } = context;
  const spec = pod.spec.containers.find(({ name }) => name === container);
  const env = (name: string): string | undefined => spec?.env?.find((e) => e.name === name)?.value;
  if (!FORK.test(spec?.image ?? "") || env("SPIRE_ENABLED") !== "true") return null;
  return new SpireCertificates({
    process,
    node,
    pod,
    socket: env("SPIRE_ADMIN_ENDPOINT_SOCKET") ?? "unix:///run/spire/sockets/admin.sock",
    timeout: goSeconds(env("SPIRE_TIMEOUT") ?? "10s") * SEC,
    runtime: runtimeOf(context),
  });
}

/** Today's, in Rust. */
export const todaysZtunnel: App = {
  name: "ztunnel",
  generation: "today",
  start(context) {
    const { world, machine, node, pod, log, readiness } = context;
    const token = mount(context);
    const process = daemon(machine, ["/usr/local/bin/ztunnel", "proxy", "ztunnel"]);
    const spire = spireOf(context, process);
    const certificates = spire ?? new IstiodCertificates(process, node.name, world.keyLog);
    const ztunnel = new Ztunnel({
      machine,
      process,
      node: node.name,
      version: TODAY.version,
      container: log,
      certificates,
      keyLog: world.keyLog,
      dnsCapture: true,
      readiness,
    });
    certificates.ztunnel = ztunnel;
    spire?.appoint(ztunnel);
    const { name, namespace = "" } = pod.metadata;
    const ip = pod.status.podIP ?? "";
    const discovery = new Discovery(
      ztunnel,
      process,
      {
        id: `ztunnel~${ip}~${name}.${namespace}~${namespace}.svc.cluster.local`,
        metadata: {
          NAME: name,
          NAMESPACE: namespace,
          INSTANCE_IPS: ip,
          NODE_NAME: node.name,
          CLUSTER_ID,
          // The image says it: ISTIO_META_ISTIO_VERSION.
          ISTIO_VERSION: TODAY.version,
        },
      },
      world.keyLog,
    );
    const pods = new ZdsClient(ztunnel, node);
    return new ZtunnelParts(ztunnel, [token, discovery, pods, certificates]);
  },
};
