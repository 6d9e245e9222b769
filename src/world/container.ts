import type { Container, ContainerState, ContainerStatus, Pod } from "../kube/api/pod.ts";
import { ContainerLog } from "../kube/log.ts";
import type { Wakeable } from "../sim/sim.ts";
import {
  type App,
  type AppContext,
  findApp,
  type Program,
  type Readiness,
  type Server,
} from "./app/registry.ts";
import type { PodWorker } from "./pod-worker.ts";

/** One container: the program in it, what it wrote, how it is. */
export class ContainerWorker implements Wakeable, Readiness {
  worker: PodWorker;
  spec: Container;
  log: ContainerLog;
  /** Of the run before the last restart. */
  previous: ContainerLog | null = null;
  program: Program | null = null;
  server: Server | null = null;
  /** "" until it has run. */
  id = "";
  restarts = 0;
  state: ContainerState = { waiting: { reason: "ContainerCreating" } };
  lastState: ContainerState = {};
  ended = false;

  constructor(worker: PodWorker, spec: Container) {
    this.worker = worker;
    this.spec = spec;
    this.log = new ContainerLog(worker.nodes.world.sim);
  }

  get app(): App | null {
    return this.program ? findApp(this.program.app) : null;
  }

  get running(): boolean {
    return this.state.running !== undefined;
  }

  get ready(): boolean {
    return this.running && (this.server?.isReady ?? true);
  }

  readinessChanged(): void {
    if (this.running && !this.ended) this.worker.writeStatus();
  }

  /** Its program starts, after what its init container does. */
  start(): void {
    const { nodes, pod } = this.worker;
    this.program = nodes.programOf(pod, this.spec);
    if (!this.program) return;
    const context = this.context(this.program);
    const script = this.app?.init?.(context);
    if (script === undefined) return this.run();
    nodes.cluster.exec.start(this.worker.machine, script, this, "initialised");
  }

  wake(_reason: string, arg: unknown): void {
    if (this.ended) return;
    const { stderr } = arg as { stderr: string };
    if (stderr) this.log.write(stderr.trim());
    this.run();
  }

  context(program: Program): AppContext {
    const { nodes, pod, machine } = this.worker;
    const { world, cluster } = nodes;
    const nodeSpec = nodes.nodeSpec(pod.spec.nodeName ?? "");
    const node = nodes.machine(nodeSpec.name);
    const { log } = this;
    const container = this.spec.name;
    return {
      ...{ world, cluster, machine, node, nodeSpec, pod, program, container, log },
      readiness: this,
    };
  }

  run(): void {
    if (!this.program) return;
    this.server = this.app?.start(this.context(this.program)) ?? null;
    this.id = this.worker.nodes.containerId();
    this.state = { running: { startedAt: this.worker.nodes.cluster.store.timestamp } };
    this.worker.report("Created", `Created container ${this.spec.name}`, this.spec);
    this.worker.report("Started", `Started container ${this.spec.name}`, this.spec);
    this.worker.writeStatus();
  }

  /** The pod is going. */
  stop(): void {
    this.ended = true;
    this.server?.stop();
    this.server = null;
  }

  status(): ContainerStatus {
    const image = this.spec.image ?? "";
    return {
      ...(this.id ? { containerID: this.id } : {}),
      image,
      imageID: this.id ? this.worker.nodes.imageId(image) : "",
      lastState: this.lastState,
      name: this.spec.name,
      ready: this.ready,
      restartCount: this.restarts,
      started: this.running,
      state: this.state,
    };
  }
}

/** The statuses of containers that nobody has started yet. */
export function waitingStatuses(pod: Pick<Pod, "spec">): ContainerStatus[] {
  return pod.spec.containers.map((container) => ({
    image: container.image ?? "",
    imageID: "",
    lastState: {},
    name: container.name,
    ready: false,
    restartCount: 0,
    started: false,
    state: { waiting: { reason: "ContainerCreating" } },
  }));
}
