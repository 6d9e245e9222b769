import { ServiceAccountTokens } from "../../kube/tokens.ts";
import { Agent } from "../../mesh/ambient2022/agent.ts";
import { ztunnelScript } from "../../mesh/ambient2022/cni.ts";
import { CertificateAuthority } from "../../mesh/identity/authority.ts";
import { TOKEN_AUDIENCE } from "../../mesh/istiod/authenticate.ts";
import { Istiod } from "../../mesh/istiod/istiod.ts";
import { installDefinitions } from "../../mesh/istiod/policy/definitions.ts";
import { ROOT_PATH, TOKEN_PATH } from "../../mesh/xds/credentials.ts";
import { daemon } from "../daemon.ts";
import { ProjectedToken } from "./projected.ts";
import type { App, AppContext } from "./registry.ts";

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
    installDefinitions(cluster.store, "v1beta1");
    const process = daemon(machine, ["/usr/local/bin/pilot-discovery", "discovery"], 1337);
    const server = new Istiod({
      machine,
      process,
      store: cluster.store,
      ...authorities(context),
      output: log,
      release: "2022",
    });
    world.controlPlane = server;
    return server;
  },
};

/** The ztunnel of the 2022 preview: an agent and its Envoy. */
export const ztunnel: App = {
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
      },
      tokens,
      token,
      readiness,
      output: log,
      keyLog: world.keyLog,
    });
  },
};
