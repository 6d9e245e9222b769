import type { Machine } from "../../host/machine.ts";
import type { Pod } from "../../kube/api/pod.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ContainerLog } from "../../kube/log.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { logLine } from "../log.ts";
import { isEnrolled } from "./enrolment.ts";
import { failedAdd } from "./plugin-error.ts";
import {
  hostCleanupScript,
  hostScript,
  PROBE_SET,
  podCleanupScript,
  podScript,
  podTables,
} from "./rules.ts";
import { PLUGIN_SOCKET, ZDS_SOCKET } from "./sockets.ts";
import type { ZdsClient } from "./zds.ts";

/** The state of a pod as the agent last left it. */
export const REDIRECTION = "ambient.istio.io/redirection";

/** One thing to do, in turn: commands on the node or in a pod, and what comes of it. */
interface Task {
  machine: Machine;
  script: string;
  then: "host ready" | "captured" | "listed" | "released" | "nothing";
  pod: Pod | null;
  /** What the commands read. */
  stdin: string | undefined;
}

/**
 * istio-cni's node agent of today (istio: cni/pkg/nodeagent): it captures pods from within their own
 * network namespaces, and tells the node's ztunnel of them. The node itself is left alone but for
 * one rule and one set.
 */
export class InpodAgent implements Wakeable {
  cluster: Cluster;
  machine: Machine;
  node: string;
  log: ContainerLog;
  dnsCapture: boolean;
  ztunnel: ZdsClient | null = null;
  /** Pods with our rules, by uid, as they were captured. */
  captured = new Map<string, Pod>();
  /** Of these, ztunnel has not taken yet. */
  partial = new Set<string>();
  /** Plugins that wait for a pod, by its uid. */
  waiters = new Map<string, Wakeable>();
  queue: Task[] = [];
  running: Task | null = null;
  hostReady = false;

  constructor(
    cluster: Cluster,
    machine: Machine,
    node: string,
    log: ContainerLog,
    dnsCapture: boolean,
  ) {
    this.cluster = cluster;
    this.machine = machine;
    this.node = node;
    this.log = log;
    this.dnsCapture = dnsCapture;
    this.write("info", "CNI ambient server starting");
    this.enqueue(machine, hostScript(), "host ready", null);
    for (const path of [ZDS_SOCKET, PLUGIN_SOCKET]) machine.unixSockets.set(path, this);
    cluster.store.watch("Pod", this);
    cluster.store.watch("Namespace", this);
  }

  /** Its pod ends: what it wrote stays in force, unless the DaemonSet itself is going. */
  stop(): void {
    this.cluster.store.unwatch(this);
    this.queue = [];
    const { unixSockets } = this.machine;
    for (const path of [ZDS_SOCKET, PLUGIN_SOCKET])
      if (unixSockets.get(path) === this) unixSockets.delete(path);
    this.ztunnel?.disconnected();
    for (const uid of [...this.waiters.keys()]) this.answer(uid, "agent is shutting down");
    const daemonSet = this.cluster.store.get("DaemonSet", "istio-cni-node", "istio-system");
    if (daemonSet && daemonSet.metadata.deletionTimestamp === undefined) return;
    this.write("info", "CNI ambient server terminating, cleaning up node net rules");
    this.enqueue(this.machine, hostCleanupScript(), "nothing", null);
  }

  get atRest(): boolean {
    const done = this.hostReady && this.running === null && this.queue.length === 0;
    return done && this.ztunnel !== null && this.partial.size === 0;
  }

  write(level: string, text: string, pod: Pod | null = null): void {
    const { sim } = this.machine;
    const labels = pod ? `\tns=${pod.metadata.namespace} name=${pod.metadata.name}` : "";
    this.log.write(logLine(sim, level, "cni-agent", text + labels));
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "done") return this.done(arg as { status: number; stderr: string });
    this.reconcile();
  }

  enqueue(
    machine: Machine,
    script: string,
    then: Task["then"],
    pod: Pod | null,
    stdin?: string,
  ): void {
    this.queue.push({ machine, script, then, pod, stdin });
    this.next();
  }

  next(): void {
    if (this.running || this.queue.length === 0) return;
    this.running = this.queue.shift() as Task;
    const { machine, script, stdin } = this.running;
    this.cluster.exec.start(machine, script, this, "done", stdin);
  }

  done({ status, stderr }: { status: number; stderr: string }): void {
    const task = this.running;
    this.running = null;
    const why = stderr.trim().split("\n").filter(Boolean).join("; ");
    if (task?.then === "host ready") {
      this.hostReady = true;
      this.takeOver();
      this.write("info", "CNI ambient server marking ready");
      this.reconcile();
    } else if (task?.pod && task.then === "captured") {
      if (status === 0) this.tell(task.pod);
      else {
        this.captured.delete(task.pod.metadata.uid);
        this.write("error", `failed to update POD inpod: ${nameOf(task.pod)} ${why}`, task.pod);
        this.answer(task.pod.metadata.uid, why);
      }
    } else if (task?.pod && task.then === "listed") {
      if (status !== 0)
        this.write(
          "error",
          `failed to add pod to addressSet, pod will fail healthchecks: ${why}`,
          task.pod,
        );
      this.annotate(task.pod, "enabled");
      this.answer(task.pod.metadata.uid, null);
    } else if (task?.pod && task.then === "released") this.annotate(task.pod, null);
    this.next();
  }

  /** Pods that an agent before us has captured: only the node's set is ours to fill. */
  takeOver(): void {
    for (const pod of this.cluster.store.list("Pod"))
      if (
        pod.spec.nodeName === this.node &&
        pod.metadata.annotations?.[REDIRECTION] === "enabled" &&
        isEnrolled(this.cluster.store, pod)
      ) {
        this.captured.set(pod.metadata.uid, pod);
        this.list(pod);
      }
  }

  list(pod: Pod): void {
    const add = `ipset add ${PROBE_SET} ${pod.status.podIP} comment "${pod.metadata.uid}" -exist\n`;
    this.enqueue(this.machine, add, "listed", pod);
  }

  // From the API server.

  reconcile(): void {
    if (!this.hostReady) return;
    const { store } = this.cluster;
    const pods = store.list("Pod").filter((pod) => pod.spec.nodeName === this.node);
    const live = new Set(pods.map((pod) => pod.metadata.uid));
    for (const pod of [...this.captured.values()])
      if (!live.has(pod.metadata.uid)) this.forget(pod);
    for (const pod of pods) {
      const { uid } = pod.metadata;
      const has = this.captured.has(uid);
      const wanted = isEnrolled(this.cluster.store, pod) && pod.status.podIP !== undefined;
      // A pod that is only coming up is captured by the plugin, before anything runs in it.
      if (wanted && !has && pod.status.phase === "Running") this.capture(pod);
      else if (
        !isEnrolled(this.cluster.store, pod) &&
        has &&
        pod.metadata.deletionTimestamp === undefined
      )
        this.release(pod);
    }
  }

  /** From the CNI plugin: a pod has its network and nothing runs in it. */
  pluginAdd(pod: Pod, waiter: Wakeable): void {
    const { uid } = pod.metadata;
    this.waiters.set(uid, waiter);
    const current = this.cluster.store.current(pod) ?? pod;
    if (isEnrolled(this.cluster.store, current)) this.capture(current);
    else this.answer(uid, null);
  }

  answer(uid: string, error: string | null): void {
    const waiter = this.waiters.get(uid);
    this.waiters.delete(uid);
    if (!waiter) return;
    const failed =
      error === null ? null : failedAdd(`unable to push CNI event (status code 500): ${error}`);
    this.machine.sim.after(0, waiter, "network", failed);
  }

  capture(pod: Pod): void {
    const machine = this.cluster.machineOf(pod);
    if (!machine) return;
    this.write("info", "adding pod to the mesh", pod);
    this.captured.set(pod.metadata.uid, pod);
    const { annotations = {} } = pod.metadata;
    const wish = annotations["ambient.istio.io/dns-capture"];
    const rules = {
      dnsCapture: wish === undefined ? this.dnsCapture : wish === "true",
      captureInbound: annotations["ambient.istio.io/bypass-inbound-capture"] !== "true",
    };
    this.enqueue(machine, podScript(), "captured", pod, podTables(rules));
  }

  /** The rules are there: now its ztunnel is told, and then the node's set. */
  tell(pod: Pod): void {
    const { uid } = pod.metadata;
    const machine = this.cluster.machineOf(pod);
    if (!machine || !this.captured.has(uid)) return;
    if (!this.ztunnel) return this.partially(pod, machine);
    this.partial.delete(uid);
    this.ztunnel.ztunnel.addWorkload(uid, infoOf(pod), machine.netns);
    this.list(pod);
  }

  /** The rules are there and nobody to serve them: a new pod has to be made again, others wait. */
  partially(pod: Pod, machine: Machine): void {
    const { uid } = pod.metadata;
    const text =
      "failed to add pod to ztunnel: pod partially added, annotating with pending status";
    this.write("error", text, pod);
    this.annotate(pod, "pending");
    if (!this.waiters.has(uid)) {
      this.partial.add(uid);
      return;
    }
    this.captured.delete(uid);
    this.enqueue(machine, podCleanupScript(), "nothing", pod);
    this.answer(uid, "partial add error: no ztunnel connection");
  }

  release(pod: Pod): void {
    const machine = this.cluster.machineOf(pod);
    this.forget(pod);
    if (machine) this.enqueue(machine, podCleanupScript(), "released", pod);
  }

  /** It is out of the set, and its proxy goes. */
  forget(pod: Pod): void {
    const { uid } = pod.metadata;
    this.write("info", "removing pod from mesh", pod);
    this.captured.delete(uid);
    this.partial.delete(uid);
    const remove = `ipset del ${PROBE_SET} ${pod.status.podIP} -exist\n`;
    this.enqueue(this.machine, remove, "nothing", pod);
    this.ztunnel?.ztunnel.deleteWorkload(uid);
  }

  annotate(pod: Pod, value: string | null): void {
    this.cluster.store.edit(pod, ({ metadata }) => {
      const annotations = { ...metadata.annotations };
      if (value === null) delete annotations[REDIRECTION];
      else annotations[REDIRECTION] = value;
      metadata.annotations = annotations;
    });
  }

  // From ztunnel.

  /** It has connected: it is told of every pod that is captured, and that this is all. */
  ztunnelConnected(client: ZdsClient): void {
    this.write("info", "new ztunnel connected, total connected: 1");
    this.ztunnel = client;
    const { ztunnel } = client;
    for (const pod of this.captured.values()) {
      const machine = this.cluster.machineOf(pod);
      if (!machine) continue;
      this.write("info", "sending pod to ztunnel as part of snapshot", pod);
      ztunnel.addWorkload(pod.metadata.uid, infoOf(pod), machine.netns);
    }
    ztunnel.snapshotSent();
    for (const uid of [...this.partial]) {
      const pod = this.captured.get(uid);
      if (pod) this.tell(pod);
    }
  }

  ztunnelDisconnected(client: ZdsClient): void {
    if (this.ztunnel !== client) return;
    this.write("info", "ztunnel disconnected, total connected 0");
    this.ztunnel = null;
  }
}

function nameOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

function infoOf(pod: Pod): { name: string; namespace: string; serviceAccount: string } {
  const { name, namespace = "" } = pod.metadata;
  return { name, namespace, serviceAccount: pod.spec.serviceAccountName ?? "default" };
}
