import { goSeconds } from "../../base/go-duration.ts";
import { ServiceAccountTokens } from "../../kube/tokens.ts";
import { SpireAgent } from "../../mesh/spire/agent.ts";
import { CA_TTL, SVID_TTL } from "../../mesh/spire/authority.ts";
import { ControllerManager } from "../../mesh/spire/controller-manager.ts";
import { PSAT_AUDIENCE, SpireServer } from "../../mesh/spire/server.ts";
import { daemon } from "../daemon.ts";
import { runtimeOf } from "../runtime.ts";
import { MountedFile, mountedText } from "./mounted.ts";
import { ProjectedToken } from "./projected.ts";
import type { App } from "./registry.ts";

const TOKEN_PATH = "/var/run/secrets/tokens/spire-agent";
const TOKEN_TTL = 7200;
const BUNDLE_PATH = "/run/spire/bundle/bundle.crt";

/** Values of a configuration file (HCL, or YAML of one level): NAME = "VALUE", NAME: VALUE. */
function setting(text: string, name: string, otherwise: string): string {
  const found = new RegExp(`^\\s*${name}\\s*[=:]\\s*"?([^"\\n]*?)"?\\s*$`, "m").exec(text);
  return found?.[1] || otherwise;
}

/** NAME = ["a", "b"], over several lines or not. */
function list(text: string, name: string): string[] {
  const found = new RegExp(`^\\s*"?${name}"?\\s*[=:]\\s*\\[([^\\]]*)\\]`, "m").exec(text);
  return [...(found?.[1] ?? "").matchAll(/"([^"]*)"/g)].map(([, value]) => value ?? "");
}

export const spireServer: App = {
  name: "spire-server",
  start(context) {
    const { machine, cluster, pod, log } = context;
    const conf = mountedText(cluster.store, pod, "server.conf");
    cluster.tokens ??= new ServiceAccountTokens(cluster.store);
    const process = daemon(machine, ["/opt/spire/bin/spire-server", "run"]);
    const name = /clusters\s*=\s*\{\s*"([^"]+)"/.exec(conf)?.[1] ?? "demo-cluster";
    const ttl = (name: string, otherwise: number): number =>
      goSeconds(setting(conf, name, "")) * 1000 || otherwise;
    return new SpireServer({
      machine,
      process,
      store: cluster.store,
      tokens: cluster.tokens,
      output: log,
      trustDomain: setting(conf, "trust_domain", "example.org"),
      ttl: { ca: ttl("ca_ttl", CA_TTL), svid: ttl("default_x509_svid_ttl", SVID_TTL) },
      cluster: name,
      agents: list(conf, "service_account_allow_list"),
      bundleNamespace: pod.metadata.namespace ?? "default",
    });
  },
};

export const spireControllerManager: App = {
  name: "spire-controller-manager",
  start(context) {
    const { machine, cluster, pod, log } = context;
    const conf = mountedText(cluster.store, pod, "spire-controller-manager-config.yaml");
    daemon(machine, ["/spire-controller-manager"]);
    const ignored = /ignoreNamespaces:((?:\s*- \S+)+)/.exec(conf)?.[1] ?? "";
    return new ControllerManager({
      machine,
      store: cluster.store,
      output: log,
      trustDomain: setting(conf, "trustDomain", "example.org"),
      clusterName: setting(conf, "clusterName", "demo-cluster"),
      clusterDomain: setting(conf, "clusterDomain", "cluster.local"),
      ignoreNamespaces: [...ignored.matchAll(/- "?([^"\s]+)"?/g)].map(([, n]) => n ?? ""),
    });
  },
};

/** What stops with the agent's pod. */
class AgentParts {
  parts: readonly { stop(): void }[];

  constructor(parts: readonly { stop(): void }[]) {
    this.parts = parts;
  }

  stop(): void {
    for (const part of this.parts) part.stop();
  }
}

export const spireAgent: App = {
  name: "spire-agent",
  start(context) {
    const { world, machine, node, cluster, pod, log } = context;
    const conf = mountedText(cluster.store, pod, "agent.conf");
    cluster.tokens ??= new ServiceAccountTokens(cluster.store);
    const token = new ProjectedToken(
      machine,
      cluster.tokens,
      pod,
      TOKEN_PATH,
      PSAT_AUDIENCE,
      TOKEN_TTL,
    );
    const bundle = new MountedFile(machine, cluster.store, pod, "bundle.crt", BUNDLE_PATH);
    const process = daemon(machine, ["/opt/spire/bin/spire-agent", "run"]);
    const agent = new SpireAgent({
      machine,
      process,
      node,
      runtime: runtimeOf(context),
      output: log,
      keyLog: world.keyLog,
      trustDomain: setting(conf, "trust_domain", "example.org"),
      serverAddress: setting(conf, "server_address", "spire-server"),
      serverPort: Number(setting(conf, "server_port", "8081")),
      cluster: setting(conf, "cluster", "demo-cluster"),
      tokenPath: TOKEN_PATH,
      bundlePath: BUNDLE_PATH,
      adminSocket: setting(conf, "admin_socket_path", "/run/spire/sockets/admin.sock"),
      authorizedDelegates: list(conf, "authorized_delegates"),
    });
    return new AgentParts([agent, token, bundle]);
  },
};
