import type { Status } from "../../grpc/status.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { Pod } from "../../kube/api/pod.ts";
import { MSEC, SEC, type Sim, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { Issuer, IssuerOwner } from "../identity/issuer.ts";
import { spiffeOf } from "../identity/secrets.ts";
import { SpireAgent } from "../spire/agent.ts";
import type { ContainerRuntime } from "../spire/workload-attestor.ts";
import { NodeCertificates } from "./node-certificates.ts";
import type { Ztunnel } from "./ztunnel.ts";

/** There and back through a socket of the node. */
const ROUND = MSEC;
/** How often it looks whether an agent that has nobody has somebody now: agents hear of new ones every 5 s. */
const LOOK = SEC;

export interface SpireConfig {
  process: Process;
  node: Machine;
  /** ztunnel's own pod: that is what the agent sees of who asks. */
  pod: Pod;
  /** SPIRE_ADMIN_ENDPOINT_SOCKET */
  socket: string;
  /** SPIRE_TIMEOUT, ns */
  timeout: number;
  runtime: ContainerRuntime;
}

const FAILED = "failed to fetch certificate for workload: ";

interface Pending {
  id: string;
  pid: number;
  owner: IssuerOwner;
  /** When the patience is over, ns. */
  until: number;
  /** It was said that there is nobody yet. */
  said: boolean;
}

/**
 * Asks the node's SPIRE agent for the certificate of a process (istio/ztunnel pull request 1676, as in
 * Cilium's fork: src/identity/spireclient.rs): the runtime says which process a pod's is, the agent
 * who that is; what it answers first is taken.
 */
class SpireIssuer implements Issuer, Wakeable {
  config: SpireConfig;
  ztunnel: Ztunnel | null = null;
  timers = new Set<Timer>();

  constructor(config: SpireConfig) {
    this.config = config;
  }

  get sim(): Sim {
    return this.config.process.sim;
  }

  later(delay: number, pending: Pending): void {
    const timer = this.sim.after(delay, this, "ask", pending);
    this.timers.add(timer);
  }

  request(id: string, _csr: string, owner: IssuerOwner): void {
    const uid = id.split("~")[1] ?? "";
    const { log } = this.ztunnel ?? {};
    const where = "identity::spireclient";
    log?.write("info", where, `Fetching PID for workload UID: ${uid}`);
    const pid = this.config.runtime.pidOf(uid);
    const until = this.sim.now + this.config.timeout;
    this.later(ROUND, { id, pid: pid ?? 0, owner, until, said: false });
  }

  wake(_reason: string, arg: unknown): void {
    this.timers = new Set([...this.timers].filter((timer) => timer.at > this.sim.now));
    const pending = arg as Pending;
    const { id, pid, owner } = pending;
    const { node, socket, pod, runtime } = this.config;
    const uid = id.split("~")[1] ?? "";
    const fail = (message: string): void => owner.issued(id, { code: "UNKNOWN", message });
    if (pid === 0)
      return fail(
        `unable to determine pid for workload: Failed to fetch PID for workload UID ${uid}: CRI error: status: NotFound, message: "No sandbox found for pod UID: ${uid}"`,
      );
    const forPid = `${FAILED}Failed to fetch certificate for PID ${pid}: ${FAILED}`;
    const agent = node.unixSockets.get(socket.replace(/^unix:(\/\/)?/, ""));
    const answer =
      agent instanceof SpireAgent
        ? agent.delegated(pod, pid)
        : ({ code: "UNAVAILABLE", message: "" } satisfies Status);
    if (answer && "code" in answer)
      return fail(`${forPid}Failed to stream X.509 SVIDs: error response from the GRPC client`);
    if (answer) {
      if (runtime.pidOf(uid) !== pid)
        return fail(
          `unable to determine pid for workload: PID mismatch for workload UID ${uid}: expected ${pid}, got ${runtime.pidOf(uid) ?? 0}`,
        );
      const { identity, bundle } = answer;
      return owner.issued(id, { chain: [...identity.chain], roots: bundle, key: identity.key });
    }
    const { log } = this.ztunnel ?? {};
    const where = "identity::spireclient";
    if (!pending.said)
      log?.write(
        "warn",
        where,
        "Error receiving SVID response: received an empty response from the GRPC client",
      );
    pending.said = true;
    if (this.sim.now < pending.until)
      return this.later(Math.min(LOOK, pending.until - this.sim.now), pending);
    log?.write("error", where, "Timeout while waiting for SVID stream");
    fail(`${forPid}Timeout while waiting for SVID stream`);
  }

  stop(): void {
    for (const timer of this.timers) timer.cancel();
  }
}

/** From SPIRE: each pod has its own, fetched when it is needed first. */
export class SpireCertificates extends NodeCertificates {
  issuer: SpireIssuer;

  constructor(config: SpireConfig) {
    const issuer = new SpireIssuer(config);
    super(config.process, config.node.name, issuer);
    this.issuer = issuer;
  }

  words({ message }: Status): string {
    return message;
  }

  override key(id: string, workload: string): string {
    return `${id}~${workload}`;
  }

  override prefetch(): void {}

  override forget(): void {}

  override workloadGone(workload: string): void {
    for (const id of [...this.secrets.held.keys()])
      if (id === this.key(spiffeOf(id), workload)) this.secrets.forget(id);
  }

  /** Who makes both says so here. */
  appoint(ztunnel: Ztunnel): void {
    this.ztunnel = ztunnel;
    this.issuer.ztunnel = ztunnel;
  }
}
