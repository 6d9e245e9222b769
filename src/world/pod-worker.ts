import type { Machine } from "../host/machine.ts";
import type { Condition } from "../kube/api/meta.ts";
import type { Pod, PodPhase } from "../kube/api/pod.ts";
import { recordEvent } from "../kube/events.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../sim/sim.ts";
import { ContainerWorker } from "./container.ts";
import type { Nodes } from "./kubelet.ts";

/** From SIGTERM to the end of a program that heeds it. */
const TERM_DELAY = 100 * MSEC;

/** From a sandbox that could not be made to the next try. */
const SANDBOX_RETRY = 10 * SEC;

/** One pod on its way up, what runs in it, and its end. */
export class PodWorker implements Wakeable {
  nodes: Nodes;
  /** As it was when this last looked. */
  pod: Pod;
  machine: Machine;
  init: ContainerWorker[];
  containers: ContainerWorker[];
  /** The world file put it here: its node has the images. */
  placed: boolean;
  /** When its containers will be ended by force. */
  killer: Timer | null = null;
  stopped = false;
  /** All of its programs are over and none will start again: it has no network any more. */
  over = false;

  constructor(nodes: Nodes, pod: Pod, machine: Machine, placed: boolean) {
    this.nodes = nodes;
    this.pod = pod;
    this.machine = machine;
    this.placed = placed;
    this.init = (pod.spec.initContainers ?? []).map((c) => new ContainerWorker(this, c, true));
    this.containers = pod.spec.containers.map((c) => new ContainerWorker(this, c, false));
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "teardown") return this.nodes.removeSandbox(this);
    if (reason === "kill") return this.stop();
    if (this.killer) return;
    if (reason === "start") {
      const plugin = this.nodes.cluster.plugins.get(this.pod.spec.nodeName ?? "");
      if (plugin && !this.pod.spec.hostNetwork) return plugin.add(this.pod, this);
    } else if (arg !== null) return this.sandboxFailed(arg as string);
    this.startNext();
  }

  /** Init containers one after the other, then all the others. */
  startNext(): void {
    const next = this.init.find((container) => container.exitCode !== 0);
    if (next) {
      if (!next.running) next.start(this.placed);
      return;
    }
    for (const container of this.containers) container.start(this.placed);
  }

  /** A container ended that is not started anew. */
  containerEnded(): void {
    const failed = this.init.find((container) => (container.exitCode ?? 0) !== 0);
    const started = this.containers.some((c) => c.id !== "");
    if (!failed && !started) return this.startNext();
    if (!failed && this.containers.some((container) => container.exitCode === null)) return;
    this.over = true;
    for (const container of this.containers) container.stop();
    this.writeStatus();
    this.nodes.releaseNetwork(this);
  }

  /** A plugin refused it: said as an event, and tried again. */
  sandboxFailed(error: string): void {
    const id = this.nodes.containerId().replace("containerd://", "");
    const { store } = this.nodes.cluster;
    const source = { component: "kubelet", host: this.pod.spec.nodeName ?? "" };
    const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": ${error}`;
    recordEvent(store, this.pod, source, "Warning", "FailedCreatePodSandBox", message);
    this.nodes.world.sim.after(SANDBOX_RETRY, this, "start", null);
  }

  container(name: string): ContainerWorker | null {
    return [...this.containers, ...this.init].find((c) => c.spec.name === name) ?? null;
  }

  /** An image is all that may change of a container: it is started anew with the other one. */
  followSpec(): void {
    for (const container of this.containers) {
      const wanted = this.pod.spec.containers.find((c) => c.name === container.spec.name);
      if (!wanted || wanted.image === container.spec.image) continue;
      container.spec = wanted;
      if (container.running)
        this.report(
          "Killing",
          `Container ${wanted.name} definition changed, will be restarted`,
          container,
        );
      container.changed();
    }
  }

  /** SIGTERM now, SIGKILL after `grace` seconds; the first process of a container may be deaf to the first. */
  kill(grace: number): void {
    if (this.stopped) return;
    if (this.over) return this.stop();
    const { sim } = this.nodes.world;
    const patience = Math.max(grace, 0) * SEC;
    if (!this.killer)
      for (const container of this.containers)
        if (container.running)
          this.report("Killing", `Stopping container ${container.spec.name}`, container);
    this.killer?.cancel();
    const deaf = this.containers.some((container) => container.deaf);
    const heeds = deaf ? patience : Math.min(TERM_DELAY, patience);
    this.killer = sim.after(heeds, this, "kill");
  }

  /** The containers stop, then the sandbox goes (kubelet: killPod). */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const container of [...this.init, ...this.containers]) container.stop();
    for (const process of [...this.machine.processes.values()]) process.kill("SIGKILL");
    const { store } = this.nodes.cluster;
    store.edit(this.pod, ({ status }) => {
      for (const container of status.containerStatuses ?? []) container.ready = false;
      for (const condition of status.conditions ?? [])
        if (condition.type === "Ready" || condition.type === "ContainersReady")
          condition.status = "False";
    });
    this.nodes.tearDown(this);
  }

  /** Its node's kubelet cannot say anything of it. */
  get isCutOff(): boolean {
    return this.nodes.cluster.isLost(this.pod.spec.nodeName ?? "");
  }

  get phase(): PodPhase {
    if (this.over) {
      const all = [...this.init, ...this.containers];
      return all.some((c) => (c.exitCode ?? 0) !== 0) ? "Failed" : "Succeeded";
    }
    return this.containers.every((c) => c.id !== "") ? "Running" : "Pending";
  }

  /** What the node knows of its containers becomes the pod's status. */
  writeStatus(): void {
    if (this.isCutOff) return;
    const { store } = this.nodes.cluster;
    const now = store.timestamp;
    const unready = this.containers.filter((container) => !container.ready);
    const waiting = this.init.filter((container) => container.exitCode !== 0);
    const names = (list: readonly ContainerWorker[]): string =>
      `[${list.map((container) => container.spec.name).join(" ")}]`;
    const why = this.over && this.phase === "Succeeded" ? "PodCompleted" : null;
    const next = store.edit(this.pod, ({ status }) => {
      status.phase = this.phase;
      const old = status.conditions ?? [];
      const condition = (type: string, reason: string, message: string): Condition => {
        const value = reason === "" ? "True" : "False";
        const before = old.find((c) => c.type === type);
        const since = before?.status === value ? (before.lastTransitionTime ?? now) : now;
        return {
          lastProbeTime: null,
          lastTransitionTime: since,
          ...(message ? { message } : {}),
          ...(reason ? { reason } : {}),
          status: value,
          type,
        };
      };
      const text =
        unready.length && !why ? `containers with unready status: ${names(unready)}` : "";
      const ready = unready.length ? (why ?? "ContainersNotReady") : "";
      status.conditions = [
        waiting.length
          ? condition(
              "Initialized",
              "ContainersNotInitialized",
              `containers with incomplete status: ${names(waiting)}`,
            )
          : condition("Initialized", "", ""),
        condition("Ready", ready, text),
        condition("ContainersReady", ready, text),
        condition("PodScheduled", "", ""),
      ];
      status.containerStatuses = this.containers.map((container) => container.status());
      if (this.init.length) status.initContainerStatuses = this.init.map((c) => c.status());
      status.startTime ??= now;
    });
    if (next) this.pod = next;
  }

  report(
    reason: string,
    message: string,
    { spec, init }: ContainerWorker,
    type: "Normal" | "Warning" = "Normal",
  ): void {
    if (this.isCutOff) return;
    const { store } = this.nodes.cluster;
    const source = { component: "kubelet", host: this.pod.spec.nodeName ?? "" };
    const path = `spec.${init ? "initContainers" : "containers"}{${spec.name}}`;
    recordEvent(store, this.pod, source, type, reason, message, path);
  }
}
