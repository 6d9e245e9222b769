import { SysError } from "../../base/errno.ts";
import type { Rng } from "../../base/rng.ts";
import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { ContainerLog } from "../../kube/log.ts";
import type { NetNs } from "../../net/netns.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import type { SockOwner } from "../../net/socket/sock.ts";
import type { Sim } from "../../sim/sim.ts";
import { WaitQueue } from "../../sim/wait.ts";
import type { KeyLog } from "../../tls/config.ts";
import { rustDuration } from "../xds/client.ts";
import { Admin } from "./admin.ts";
import type { CertificateSource } from "./certificates.ts";
import { ZtunnelLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { PodProxy, type WorkloadInfo } from "./proxy.ts";
import {
  type Authorization,
  identityOf,
  ProxyState,
  policyKey,
  type Service,
  type WorkloadUpdate,
} from "./state.ts";

/** What must have happened before it is ready (ztunnel: src/readiness.rs). */
export type Task = "proxy" | "state manager" | "proxy networking" | "dns proxy";

export interface ZtunnelConfig {
  machine: Machine;
  process: Process;
  node: string;
  /** Istio's version: "1.30.3". */
  version: string;
  container: ContainerLog;
  certificates: CertificateSource;
  keyLog: KeyLog;
  dnsCapture: boolean;
  /** Told whenever it becomes ready, or is no longer. */
  readiness?: { readinessChanged(): void };
}

/**
 * Today's ztunnel (1.30): one process a node, with a proxy for each of the node's pods in the mesh.
 * istio-cni gives it the pods (ZDS), istiod what it has to know (xDS) and the certificates.
 */
export class Ztunnel {
  machine: Machine;
  node: string;
  version: string;
  owner: SockOwner;
  log: ZtunnelLog;
  metrics = new Metrics();
  state = new ProxyState();
  certificates: CertificateSource;
  keyLog: KeyLog;
  dnsCapture: boolean;
  clusterId = "Kubernetes";
  clusterDomain = "cluster.local";
  chance: Rng;
  readiness: { readinessChanged(): void } | null;
  proxies = new Map<string, PodProxy>();
  /** Who waits for news from the control plane. */
  changed = new WaitQueue();
  /** Virtual time, ns. */
  startedAt: number;
  pending = new Set<Task>(["state manager", "proxy networking"]);
  admin: Admin;

  constructor(config: ZtunnelConfig) {
    const { machine, version } = config;
    this.machine = machine;
    this.startedAt = machine.sim.now;
    this.node = config.node;
    this.version = version;
    this.owner = ownerOf(config.process);
    this.log = new ZtunnelLog(machine.sim, config.container);
    this.certificates = config.certificates;
    this.keyLog = config.keyLog;
    this.dnsCapture = config.dnsCapture;
    this.readiness = config.readiness ?? null;
    this.chance = machine.sim.rng(`ztunnel ${config.node}`);
    this.metrics.set("istio_build", { component: "ztunnel", tag: version }, 1);
    this.metrics.set("istio_active_proxy_count", {}, 0);
    this.metrics.set("istio_pending_proxy_count", {}, 0);
    this.log.write("info", "proxyfactory", "shared proxy mode - in-pod mode enabled");
    this.admin = new Admin(this, config.process);
  }

  get sim(): Sim {
    return this.machine.sim;
  }

  get resolvConf(): string {
    return new TextDecoder().decode(this.machine.fs.readFile("/etc/resolv.conf"));
  }

  /** From istio-cni: a pod of this node is captured; its rules are there. */
  addWorkload(uid: string, info: WorkloadInfo, ns: NetNs): void {
    this.log.write("info", "inpod::statemanager", "pod received, starting proxy", [
      ["uid", uid],
      ["name", info.name],
      ["namespace", info.namespace],
    ]);
    const old = this.proxies.get(uid);
    if (old?.ns === ns) return;
    if (old) this.stopProxy(old);
    try {
      this.proxies.set(uid, new PodProxy(this, uid, info, ns));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.log.write("warn", "inpod::statemanager", `failed to start proxy: ${error.message}`);
      return;
    }
    this.metrics.add("istio_proxies_started", {});
    this.metrics.set("istio_active_proxy_count", {}, this.proxies.size);
  }

  deleteWorkload(uid: string): void {
    this.log.write("info", "inpod::statemanager", "pod delete request, shutting down proxy", [
      ["uid", uid],
    ]);
    const proxy = this.proxies.get(uid);
    if (proxy) this.stopProxy(proxy);
  }

  /** All pods that the node has have been told of. */
  snapshotSent(): void {
    this.log.write("info", "inpod::statemanager", "received snapshot sent");
    this.complete("proxy networking");
  }

  stopProxy(proxy: PodProxy): void {
    proxy.stop();
    this.proxies.delete(proxy.uid);
    this.certificates.workloadGone(proxy.uid);
    this.metrics.add("istio_proxies_stopped", {});
    this.metrics.set("istio_active_proxy_count", {}, this.proxies.size);
  }

  complete(task: Task): void {
    if (!this.pending.delete(task)) return;
    const { size } = this.pending;
    const took = rustDuration(this.sim.now - this.startedAt);
    this.log.write(
      "info",
      "readiness",
      size === 0
        ? `Task '${task}' complete (${took}), marking server ready`
        : `Task '${task}' complete (${took}), still awaiting ${size} tasks`,
    );
    if (size === 0) this.readiness?.readinessChanged();
  }

  /** Something that must have happened has to happen again. */
  awaitAgain(task: Task): void {
    this.pending.add(task);
    this.readiness?.readinessChanged();
  }

  get isReady(): boolean {
    return this.pending.size === 0;
  }

  workloadChanged(update: WorkloadUpdate): void {
    this.state.insertWorkload(update);
    this.changed.wakeAll(this.sim);
    const isOurs = update.node === this.node;
    if (isOurs && (update.nativeTunnel || update.protocol === "HBONE"))
      this.certificates.prefetch(identityOf(update));
  }

  serviceChanged(service: Service): void {
    this.state.insertService(service);
    this.changed.wakeAll(this.sim);
  }

  /** A workload by its uid, or a service by "namespace/hostname". */
  addressRemoved(name: string): void {
    const gone = this.state.workloads.get(name);
    this.state.removeWorkload(name);
    if (gone?.node === this.node) this.forgetIdentity(identityOf(gone));
    this.state.removeService(name);
  }

  /** The last workload of the node that had it is gone. */
  forgetIdentity(id: string): void {
    for (const other of this.state.workloads.values())
      if (other.node === this.node && identityOf(other) === id) return;
    this.certificates.forget(id);
  }

  policyChanged(policy: Authorization): void {
    this.state.policies.set(policyKey(policy), policy);
    this.recheck();
  }

  policyRemoved(key: string): void {
    if (this.state.policies.delete(key)) this.recheck();
  }

  /** Connections that policies no longer allow are closed (ztunnel: PolicyWatcher). */
  recheck(): void {
    for (const proxy of this.proxies.values()) proxy.recheck();
  }

  /** Bytes of connections that are open are part of the metrics, too. */
  countAll(): void {
    for (const proxy of this.proxies.values())
      for (const connection of [...proxy.outbound, ...proxy.inbound]) connection.count();
  }

  stop(): void {
    for (const proxy of [...this.proxies.values()]) proxy.stop();
    this.proxies.clear();
    this.admin.stop();
  }
}
