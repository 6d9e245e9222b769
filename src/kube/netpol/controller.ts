import type { Machine } from "../../host/machine.ts";
import { SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { KubeObject } from "../api/meta.ts";
import type { Pod } from "../api/pod.ts";
import type { Cluster } from "../cluster.ts";
import { klogLine } from "../klog.ts";
import type { ContainerLog } from "../log.ts";
import type { WatchEvent } from "../store.ts";
import { COMMON_CHAIN, DEFAULT_CHAIN, POD_PREFIX, POLICY_PREFIX, TOP_CHAINS } from "./names.ts";
import { podRules } from "./pod-chains.ts";
import { isActionable, Policies } from "./policies.ts";
import { PolicyChains } from "./policy-chains.ts";
import { IpSets } from "./sets.ts";
import { ensureCommands } from "./top-chains.ts";

/** What its command line says. */
export interface NetworkPolicyOptions {
  /** --iptables-sync-period, ns */
  syncPeriod: number;
  /** --service-cluster-ip-range */
  serviceRange: string;
  /** --service-node-port-range, as iptables writes it: "30000:32767" */
  nodePorts: string;
}

/** How often a watch that broke is tried again. */
const RECONNECT = SEC;

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

const ACCEPT =
  '-m comment --comment "rule to explicitly ACCEPT traffic that comply to network policies" -m mark --mark 0x20000/0x20000 -j ACCEPT';
const SOURCE = "network_policy_controller.go";

/**
 * kube-router's network policy controller, one on each node (kube-router 2.9:
 * pkg/controllers/netpol/network_policy_controller.go, in its iptables mode): policies become chains
 * and sets, anew at each change and every few minutes.
 */
export class NetworkPolicyController implements Wakeable {
  cluster: Cluster;
  machine: Machine;
  log: ContainerLog;
  options: NetworkPolicyOptions;
  /** A sync is under way; something changed meanwhile. */
  busy = false;
  again = true;
  stopped = false;
  period: Timer | null = null;
  /** What of pods and namespaces policies depend on, by uid. */
  known = new Map<string, string>();
  /** Names the chains of this sync: when it began, ns since 1970. */
  version = "";

  constructor(
    cluster: Cluster,
    machine: Machine,
    log: ContainerLog,
    options: NetworkPolicyOptions,
  ) {
    this.cluster = cluster;
    this.machine = machine;
    this.log = log;
    this.options = options;
    this.info(163, "Starting network policy controller");
    this.info(178, "Starting network policy controller full sync goroutine");
    for (const kind of ["Pod", "Namespace", "NetworkPolicy"]) cluster.store.watch(kind, this);
    machine.sim.after(0, this, "request");
    this.period = machine.sim.after(options.syncPeriod, this, "period");
  }

  /** Its container ends: the rules stay as they are. */
  stop(): void {
    this.stopped = true;
    this.cluster.store.unwatch(this);
    this.period?.cancel();
  }

  get idle(): boolean {
    return this.stopped || (!this.busy && !this.again);
  }

  info(line: number, text: string): void {
    this.log.write(klogLine(this.machine.sim, "I", SOURCE, line, text));
  }

  abort(line: number, what: string, command: string, { status, stderr }: Ended, more = ""): void {
    const text = `${what}: failed to call ${command}: exit status ${status} (${stderr})${more}`;
    this.log.write(klogLine(this.machine.sim, "E", SOURCE, line, text));
    this.done();
  }

  wake(reason: string, arg: unknown): void {
    if (this.stopped) return;
    switch (reason) {
      case "watch":
        if (this.concerns(arg as WatchEvent)) this.request();
        return;
      case "period":
        this.period = this.machine.sim.after(this.options.syncPeriod, this, "period");
        return this.request();
      case "request":
        return this.request();
      case "listed":
        return this.ensure(arg as Ended);
      case "saved":
        return this.restore(arg as Ended);
      default:
        return this.restored(arg as Ended);
    }
  }

  /** Has a change to do with policies (pod.go, isPodUpdateNetPolRelevant; namespace.go)? */
  concerns({ type, object }: WatchEvent): boolean {
    if (object.kind === "NetworkPolicy") return true;
    const { uid } = object.metadata;
    const before = this.known.get(uid);
    const now = relevant(object);
    if (type === "DELETED") this.known.delete(uid);
    else this.known.set(uid, now);
    if (object.kind === "Namespace")
      return object.metadata.labels !== undefined && (type === "DELETED" || before !== now);
    if (type === "DELETED") return true;
    return before === undefined ? isActionable(object as Pod) : before !== now;
  }

  /** Requests while a sync runs are one sync behind it. */
  request(): void {
    this.again = true;
    if (this.busy) return;
    if (this.cluster.unreachable(this.machine)) this.machine.sim.after(RECONNECT, this, "request");
    else this.sync();
  }

  sync(): void {
    this.again = false;
    this.busy = true;
    const { sim } = this.machine;
    this.version = String(BigInt(sim.epoch) * 1_000_000n + BigInt(Math.floor(sim.now)));
    this.start("iptables -t filter -S --wait", "listed");
  }

  start(script: string, reason: string): void {
    this.cluster.exec.start(this.machine, script, this, reason);
  }

  done(): void {
    this.busy = false;
    if (this.again) this.sync();
  }

  ensure({ stdout }: Ended): void {
    const { serviceRange, nodePorts } = this.options;
    const commands = ensureCommands(stdout, serviceRange, nodePorts);
    const save = "iptables-save -t filter && ipset save";
    this.start([...commands, save].map((line) => `${line}\n`).join(""), "saved");
  }

  restore(saved: Ended): void {
    if (saved.status !== 0)
      return this.abort(294, "Aborting sync. Failed to run iptables-save", "iptables-save", saved);
    const { store } = this.cluster;
    const policies = new Policies(store);
    const infos = store.list("NetworkPolicy").map((policy) => policies.info(policy));
    const chains = new PolicyChains(new IpSets(saved.stdout), this.version);
    for (const info of infos) chains.add(info);
    const active = new Set(chains.chains);
    const lines = [...filterLines(saved.stdout), ...chains.lines];
    for (const pod of store.list("Pod")) {
      const here = this.cluster.nodes.get(pod.spec.nodeName ?? "") === this.machine;
      if (!here || !isActionable(pod)) continue;
      const own = podRules(pod, infos, this.version);
      active.add(own.chain);
      lines.push(...own.lines);
    }
    const rules = desired(withAccept(lines), active);
    const stale = chains.sets.stale(chains.used);
    const sets = chains.sets.restore(chains.used);
    const script = `${sets ? `ipset restore -exist <<'SETS' || exit 101\n${sets}SETS\n` : ""}iptables-restore --wait -T filter <<'RULES' || exit 102\n${rules}RULES\n${stale.map((name) => `ipset destroy ${name} || exit 103\n`).join("")}`;
    this.start(script, "restored");
  }

  /** Which of the three commands failed is what the script ends with. */
  restored(ended: Ended): void {
    const failed = { ...ended, status: 1 };
    if (ended.status === 101)
      return this.abort(
        301,
        "Aborting sync. Failed to sync network policy chains: failed to perform ipset restore",
        "ipset",
        failed,
      );
    if (ended.status === 102)
      return this.abort(
        333,
        "Aborting sync. Failed to run iptables-restore",
        "iptables-restore",
        failed,
      );
    if (ended.status === 103)
      return this.abort(341, "Failed to cleanup stale ipsets", "ipset", failed);
    this.done();
  }
}

function relevant(object: KubeObject): string {
  const { labels = {} } = object.metadata;
  if (object.kind !== "Pod") return JSON.stringify(labels);
  const { phase, podIP, hostIP } = (object as Pod).status;
  return JSON.stringify([labels, phase, podIP, hostIP]);
}

/** What iptables-save said of the table, without its comments; `ipset save` follows it. */
function filterLines(saved: string): string[] {
  return saved.split("\n").filter((line) => /^[:-]/.test(line));
}

/** What passed a pod's chain is accepted at the end of each of the top chains (ensureExplicitAccept). */
function withAccept(lines: readonly string[]): string[] {
  const kept = lines.filter((line) => !line.includes(ACCEPT));
  return [...kept, ...TOP_CHAINS.map(([, chain]) => `-A ${chain} ${ACCEPT}`)];
}

/** Input of iptables-restore: without the chains of earlier syncs, and what leads to them (cleanupStaleRules). */
function desired(lines: readonly string[], active: ReadonlySet<string>): string {
  const stale = lines
    .flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? [])
    .filter(
      (chain) =>
        (chain.startsWith(POD_PREFIX) || chain.startsWith(POLICY_PREFIX)) &&
        chain !== DEFAULT_CHAIN &&
        chain !== COMMON_CHAIN &&
        !active.has(chain),
    );
  const kept = lines.filter((line) => !stale.some((chain) => line.includes(chain)));
  const chains = kept.filter((line) => line.startsWith(":")).map((line) => `${line} - [0:0]\n`);
  const rules = kept.filter((line) => line.startsWith("-")).map((line) => `${line}\n`);
  return `*filter\n${chains.join("")}${rules.join("")}COMMIT\n`;
}
