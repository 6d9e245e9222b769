import type { Machine } from "../host/machine.ts";
import type { Condition } from "../kube/api/meta.ts";
import type { Container, Pod, PodPhase } from "../kube/api/pod.ts";
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
  containers: ContainerWorker[];
  /** When its containers will be ended by force. */
  killer: Timer | null = null;
  stopped = false;

  constructor(nodes: Nodes, pod: Pod, machine: Machine) {
    this.nodes = nodes;
    this.pod = pod;
    this.machine = machine;
    this.containers = pod.spec.containers.map((spec) => new ContainerWorker(this, spec));
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "teardown") return this.nodes.removeSandbox(this);
    if (reason === "kill") return this.stop();
    if (this.killer) return;
    if (reason === "start") {
      const plugin = this.nodes.cluster.plugins.get(this.pod.spec.nodeName ?? "");
      if (plugin && !this.pod.spec.hostNetwork) return plugin.add(this.pod, this);
    } else if (arg !== null) return this.sandboxFailed(arg as string);
    for (const container of this.containers) container.start();
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
    return this.containers.find((container) => container.spec.name === name) ?? null;
  }

  /** SIGTERM now, SIGKILL after `grace` seconds; the first process of a container may be deaf to the first. */
  kill(grace: number): void {
    if (this.stopped) return;
    const { sim } = this.nodes.world;
    const patience = Math.max(grace, 0) * SEC;
    if (!this.killer)
      for (const { spec } of this.containers)
        this.report("Killing", `Stopping container ${spec.name}`, spec);
    this.killer?.cancel();
    const deaf = this.containers.some((container) => container.app?.deaf);
    const heeds = deaf ? patience : Math.min(TERM_DELAY, patience);
    this.killer = sim.after(heeds, this, "kill");
  }

  /** The containers stop, then the sandbox goes (kubelet: killPod). */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const container of this.containers) container.stop();
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

  get phase(): PodPhase {
    return this.containers.every((container) => container.running) ? "Running" : "Pending";
  }

  /** What the node knows of its containers becomes the pod's status. */
  writeStatus(): void {
    const { store } = this.nodes.cluster;
    const now = store.timestamp;
    const ready = this.containers.every((container) => container.ready);
    const unready = this.containers.filter((container) => !container.ready);
    const names = unready.map((container) => container.spec.name).join(" ");
    const not = {
      reason: "ContainersNotReady",
      message: `containers with unready status: [${names}]`,
    };
    const next = store.edit(this.pod, ({ status }) => {
      status.phase = this.phase;
      const old = status.conditions ?? [];
      const condition = (type: string, holds: boolean): Condition => {
        const value = holds ? "True" : "False";
        const before = old.find((c) => c.type === type);
        const lastTransitionTime = before?.status === value ? before.lastTransitionTime : now;
        return {
          type,
          status: value,
          ...(holds ? {} : not),
          lastProbeTime: null,
          ...(lastTransitionTime ? { lastTransitionTime } : {}),
        };
      };
      status.conditions = [
        condition("Initialized", true),
        condition("Ready", ready),
        condition("ContainersReady", ready),
        condition("PodScheduled", true),
      ];
      status.containerStatuses = this.containers.map((container) => container.status());
      status.startTime ??= now;
    });
    if (next) this.pod = next;
  }

  report(
    reason: string,
    message: string,
    container: Container,
    type: "Normal" | "Warning" = "Normal",
  ): void {
    const { store } = this.nodes.cluster;
    const source = { component: "kubelet", host: this.pod.spec.nodeName ?? "" };
    recordEvent(
      store,
      this.pod,
      source,
      type,
      reason,
      message,
      `spec.containers{${container.name}}`,
    );
  }
}
