import { goSeconds } from "../../base/go-duration.ts";
import type { Process } from "../../host/process.ts";
import { ServiceAccountTokens } from "../../kube/tokens.ts";
import { Agent } from "../../mesh/ambient2022/agent.ts";
import { ztunnelScript } from "../../mesh/ambient2022/cni.ts";
import { CertificateAuthority } from "../../mesh/identity/authority.ts";
import { ZdsClient } from "../../mesh/inpod/zds.ts";
import { TOKEN_AUDIENCE } from "../../mesh/istiod/authenticate.ts";
import { Istiod } from "../../mesh/istiod/istiod.ts";
import { installDefinitions } from "../../mesh/istiod/policy/definitions.ts";
import { CLUSTER_ID } from "../../mesh/istiod/workloads.ts";
import { ROOT_PATH, TOKEN_PATH } from "../../mesh/xds/credentials.ts";
import { Discovery } from "../../mesh/ztunnel/control-plane.ts";
import { IstiodCertificates } from "../../mesh/ztunnel/node-certificates.ts";
import { SpireCertificates } from "../../mesh/ztunnel/spire-certificates.ts";
import { Ztunnel } from "../../mesh/ztunnel/ztunnel.ts";
import { PREVIEW, TODAY } from "../../shell/command/istioctl/release.ts";
import { SEC } from "../../sim/sim.ts";
import { daemon } from "../daemon.ts";
import { byMesh, isToday } from "./by-mesh.ts";
import { ProjectedToken } from "./projected.ts";
import type { App, AppContext } from "./registry.ts";
import { runtimeOf } from "./spire.ts";

/** expirationSeconds of the volume istio-token */
const TOKEN_TTL = 43_200;

/** istiod's own secret, and the API server's key: each there as soon as somebody needs it. */
function authorities({ world, cluster, machine }: AppContext): {
  authority: CertificateAuthority;
  tokens: ServiceAccountTokens;
} {
  const { sim } = machine;
  world.authority ??= new CertificateAuthority("cluster.local", sim.rng("istiod"), sim.epoch);
  cluster.tokens ??= new ServiceAccountTokens(cluster.store);
  return { authority: world.authority, tokens: cluster.tokens };
}

/** The volumes istio-token and istiod-ca-cert of whoever talks to istiod. */
function mount(context: AppContext): ProjectedToken {
  const { machine, pod } = context;
  const { authority, tokens } = authorities(context);
  machine.fs.mkdirp(ROOT_PATH.replace(/\/[^/]*$/, ""));
  machine.fs.writeFile(ROOT_PATH, authority.rootPem);
  return new ProjectedToken(machine, tokens, pod, TOKEN_PATH, TOKEN_AUDIENCE, TOKEN_TTL);
}

export const istiod: App = {
  name: "istiod",
  start(context) {
    const { world, machine, cluster, log } = context;
    installDefinitions(cluster.store, isToday(context) ? "v1" : "v1beta1");
    const process = daemon(machine, ["/usr/local/bin/pilot-discovery", "discovery"], 1337);
    const server = new Istiod({
      machine,
      process,
      store: cluster.store,
      ...authorities(context),
      output: log,
      release: isToday(context) ? "today" : "2022",
      build: isToday(context) ? TODAY : PREVIEW,
    });
    world.controlPlane = server;
    return server;
  },
};

/** The ztunnel of the 2022 preview: an agent and its Envoy. */
const previewZtunnel: App = {
  name: "ztunnel",
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
const todaysZtunnel: App = {
  name: "ztunnel",
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

export const ztunnel = byMesh(previewZtunnel, todaysZtunnel);
