import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { ConfigMap } from "../../kube/api/core.ts";
import type { Store } from "../../kube/store.ts";
import type { ServiceAccountTokens } from "../../kube/tokens.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { Identity } from "../../tls/config.ts";
import { TlsServer } from "../../tls/server.ts";
import { certificateToPem } from "../../tls/x509/certificate.ts";
import type { Output } from "../log.ts";
import { GO_SUITES } from "../xds/credentials.ts";
import { SpireAuthority } from "./authority.ts";
import { SpireConnection } from "./connection.ts";
import { SpireLog } from "./log.ts";
import { type Entry, type SpiffeId, spiffeIdText } from "./messages.ts";

const PORT = 8081;
/** How often it looks whether its authority, or its own certificate, is due (spire: pkg/server/ca/manager, rotateInterval). */
const ROTATE_INTERVAL = 10 * SEC;
/** The socket of its own pod's tools. */
export const SERVER_SOCKET = "/tmp/spire-server/private/api.sock";
/** Agents' tokens are for this audience (k8s_psat). */
export const PSAT_AUDIENCE = "spire-server";

export interface SpireServerConfig {
  machine: Machine;
  process: Process;
  store: Store;
  tokens: ServiceAccountTokens;
  output: Output;
  trustDomain: string;
  /** ca_ttl, default_x509_svid_ttl; ms */
  ttl: { ca: number; svid: number };
  /** How k8s_psat calls the cluster. */
  cluster: string;
  /** "namespace/name" of the accounts that agents run with. */
  agents: readonly string[];
  /** Where the ConfigMap with the bundle goes. */
  bundleNamespace: string;
}

/** A SPIRE server: registration entries, and certificates for whom they name (spire: cmd/spire-server). */
export class SpireServer implements Wakeable {
  config: SpireServerConfig;
  machine: Machine;
  log: SpireLog;
  authority: SpireAuthority;
  identity: Identity;
  /** By id. */
  entries = new Map<string, Entry>();
  /** SPIFFE IDs of the agents that have proved themselves. */
  attested = new Set<string>();
  sock: TcpSock;
  connections = new Set<SpireConnection>();
  timer: Timer | null;

  constructor(config: SpireServerConfig) {
    const { machine, process, trustDomain, ttl } = config;
    this.config = config;
    this.machine = machine;
    this.log = new SpireLog(machine.sim, config.output);
    this.authority = new SpireAuthority(
      trustDomain,
      ttl,
      machine.sim.rng("spire server"),
      this.now,
    );
    this.identity = this.authority.serverIdentity(this.now);
    this.log.write("info", "X509 CA prepared", [["subsystem_name", "ca_manager"]]);
    this.log.write("info", "X509 CA activated", [["subsystem_name", "ca_manager"]]);
    this.publish();
    this.sock = new TcpSock(machine.netns, ownerOf(process));
    this.sock.reuseAddr = true;
    this.sock.bind(0, PORT);
    this.sock.listen(4096);
    this.sock.readable.add(this);
    this.log.write("info", "Starting Server APIs", [
      ["address", `[::]:${PORT}`],
      ["network", "tcp"],
      ["subsystem_name", "endpoints"],
    ]);
    machine.unixSockets.set(SERVER_SOCKET, this);
    this.timer = machine.sim.after(ROTATE_INTERVAL, this, "rotate");
  }

  /** ms since 1970, by the virtual clock. */
  get now(): number {
    const { sim } = this.machine;
    return sim.epoch + Math.floor(sim.now / 1e6);
  }

  wake(reason: string): void {
    if (reason === "rotate") return this.rotate();
    if (this.sock.closed) return;
    for (let sock = this.sock.accept(); sock; sock = this.sock.accept()) this.accept(sock);
    this.sock.readable.add(this);
  }

  rotate(): void {
    this.timer = this.machine.sim.after(ROTATE_INTERVAL, this, "rotate");
    const { now, authority } = this;
    if (authority.rotate(now)) {
      const what = authority.next ? "X509 CA prepared" : "X509 CA activated";
      this.log.write("info", what, [["subsystem_name", "ca_manager"]]);
      this.publish();
    }
    const [leaf] = this.identity.chain;
    if (leaf && now >= (leaf.notBefore + leaf.notAfter) / 2)
      this.identity = authority.serverIdentity(now);
  }

  /** Agents that know nobody yet believe what this ConfigMap holds (spire: notifier k8sbundle). */
  publish(): void {
    const { store, bundleNamespace: namespace } = this.config;
    const data = { "bundle.crt": this.authority.bundle.map(certificateToPem).join("") };
    const known = store.get("ConfigMap", "spire-bundle", namespace);
    if (known)
      store.edit(known, (copy) => {
        copy.data = data;
      });
    else
      store.create<ConfigMap>({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "spire-bundle", namespace },
        data,
      });
  }

  accept(sock: TcpSock): void {
    const tls = new TlsServer({
      random: this.machine.sim.rng("tls"),
      now: this.now,
      identity: this.identity,
      suites: GO_SUITES,
      clientCertificate: "request",
      anchors: this.authority.bundle,
      alpn: ["h2"],
    });
    this.connections.add(new SpireConnection(this, sock, tls));
  }

  /** What an agent of this identity may have: what is registered under it. */
  authorized(agent: SpiffeId): Entry[] {
    const wanted = spiffeIdText(agent);
    return [...this.entries.values()].filter((e) => spiffeIdText(e.parentId) === wanted);
  }

  stop(): void {
    this.timer?.cancel();
    this.sock.close();
    for (const { socket } of [...this.connections]) socket.close();
    if (this.machine.unixSockets.get(SERVER_SOCKET) === this)
      this.machine.unixSockets.delete(SERVER_SOCKET);
  }
}
