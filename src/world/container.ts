import type { Machine } from "../host/machine.ts";
import type { Process } from "../host/process.ts";
import type { Container, ContainerState, ContainerStatus } from "../kube/api/pod.ts";
import { ContainerLog } from "../kube/log.ts";
import { runScript } from "../shell/script.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../sim/sim.ts";
import {
  type App,
  type AppContext,
  appPart,
  type Entrypoint,
  findApp,
  type Program,
  type Readiness,
  type Server,
} from "./app/registry.ts";
import { daemon } from "./daemon.ts";
import { fullName } from "./image-name.ts";
import { LogFile } from "./log-file.ts";
import type { PodWorker } from "./pod-worker.ts";
import { Probe, type ProbeKind, type ProbeSpec } from "./probe.ts";

/** A pull of an image that the node has not, and the question whether the one it has is the newest. */
const PULL = 900 * MSEC;
const CHECK = 300 * MSEC;
/** Between a failed pull, or an end, and the next look (kubelet: --sync-frequency, worker backoff). */
const LOOK_AGAIN = 10 * SEC;
const RESTART = SEC;
/** kubelet: backOffPeriod, MaxContainerBackOff. */
const BACK_OFF = 10 * SEC;
const MAX_BACK_OFF = 300 * SEC;
/** Who has run for so long begins again with the shortest. */
const CALM = 600 * SEC;

/** One container: its image, the program in it, what it wrote, how it is. */
export class ContainerWorker implements Wakeable, Readiness {
  worker: PodWorker;
  spec: Container;
  /** Runs before the others, to its end. */
  init: boolean;
  log: ContainerLog;
  /** Of the run before the last restart. */
  previous: ContainerLog | null = null;
  program: Program | null = null;
  server: Server | null = null;
  /** Its first process, where that is no daemon of an app. */
  main: Process | null = null;
  /** "" until it has run. */
  id = "";
  restarts = 0;
  state: ContainerState;
  lastState: ContainerState = {};
  /** Virtual time of the last start, ns. */
  startedAt = 0;
  backOff = 0;
  probes: Probe[] = [];
  timer: Timer | null = null;
  ended = false;

  constructor(worker: PodWorker, spec: Container, init: boolean) {
    this.worker = worker;
    this.spec = spec;
    this.init = init;
    this.log = new ContainerLog(worker.nodes.world.sim);
    const waits = (worker.pod.spec.initContainers?.length ?? 0) > 0;
    this.state = { waiting: { reason: waits ? "PodInitializing" : "ContainerCreating" } };
  }

  get app(): App | null {
    return this.program ? findApp(this.program.app, this.worker.nodes.world) : null;
  }

  get running(): boolean {
    return this.state.running !== undefined;
  }

  passes(kind: ProbeKind): boolean {
    return this.probes.every((probe) => probe.kind !== kind || probe.passed);
  }

  /** Its startup probe, if it has one, has succeeded. */
  get started(): boolean {
    return this.running && this.passes("Startup");
  }

  get ready(): boolean {
    if (this.init) return this.exitCode === 0;
    return this.started && this.passes("Readiness") && (this.server?.isReady ?? true);
  }

  readinessChanged(): void {
    if (this.running && !this.ended) this.worker.writeStatus();
  }

  get exitCode(): number | null {
    return this.state.terminated?.exitCode ?? null;
  }

  /** Is nobody there who would hear a SIGTERM? */
  get deaf(): boolean {
    return this.running && (this.app ? (this.app.deaf ?? false) : true);
  }

  after(delay: number, reason: string): void {
    this.timer?.cancel();
    this.timer = this.worker.nodes.world.sim.after(delay, this, reason);
  }

  /** The image first, then the program. `placed`: the node came with it. */
  start(placed: boolean): void {
    const { nodes, pod } = this.worker;
    const image = this.spec.image ?? "";
    const there = nodes.images(pod.spec.nodeName ?? "").includes(image);
    const policy = this.spec.imagePullPolicy ?? "IfNotPresent";
    if (there && (placed || policy !== "Always")) {
      this.report("Pulled", `Container image "${image}" already present on machine`);
      return this.prepare();
    }
    if (policy === "Never") {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      this.report("ErrImageNeverPull", message, "Warning");
      this.report("Failed", "Error: ErrImageNeverPull", "Warning");
      return this.waitFor("ErrImageNeverPull", message);
    }
    this.report("Pulling", `Pulling image "${image}"`);
    this.after(there ? CHECK : PULL, "pulled");
  }

  wake(reason: string, arg: unknown): void {
    if (this.ended) return;
    switch (reason) {
      case "pulled": {
        // The code of what the image runs comes with it.
        const part = this.absentPart;
        const { sim } = this.worker.nodes.world;
        return part === null ? this.pulled() : sim.hold(part, this, reason);
      }
      case "back off pulling":
        return this.backOffPulling();
      case "pull again":
        return this.start(false);
      case "initialised": {
        const { stderr } = arg as { stderr: string };
        if (stderr) this.log.write(stderr.trim());
        return this.run();
      }
      case "slept":
        return this.exited(0);
      case "restart":
        return this.restart();
      default:
        // The process says that it is over.
        if (this.main?.status === null) this.main.exited.add(this);
        else this.exited(this.main?.status ?? 0);
    }
  }

  get absentPart(): string | null {
    const found = this.worker.nodes.entrypointOf(this.worker.pod, this.spec);
    return found?.kind === "program" ? appPart(found.program.app, this.worker.nodes.world) : null;
  }

  pulled(): void {
    const { nodes, pod } = this.worker;
    const image = this.spec.image ?? "";
    const there = nodes.images(pod.spec.nodeName ?? "").includes(image);
    if (nodes.entrypointOf(pod, this.spec)) {
      nodes.addImage(pod.spec.nodeName ?? "", image);
      const took = (there ? CHECK : PULL) / MSEC;
      this.report("Pulled", `Successfully pulled image "${image}" in ${took}ms`);
      return this.prepare();
    }
    const name = fullName(image);
    const message = `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`;
    this.report("Failed", `Failed to pull image "${image}": ${message}`, "Warning");
    this.report("Failed", "Error: ErrImagePull", "Warning");
    this.waitFor("ErrImagePull", message);
    this.after(LOOK_AGAIN, "back off pulling");
  }

  backOffPulling(): void {
    const image = this.spec.image ?? "";
    this.report("BackOff", `Back-off pulling image "${image}"`);
    this.report("Failed", "Error: ImagePullBackOff", "Warning");
    this.waitFor("ImagePullBackOff", `Back-off pulling image "${image}"`);
    this.backOff = Math.min(Math.max(this.backOff * 2, BACK_OFF), MAX_BACK_OFF);
    this.after(this.backOff, "pull again");
  }

  waitFor(reason: string, message: string): void {
    this.state = { waiting: { reason, message } };
    this.worker.writeStatus();
  }

  /** Its program starts, after what its app does before. */
  prepare(): void {
    const { nodes, pod } = this.worker;
    const entrypoint = nodes.entrypointOf(pod, this.spec);
    if (!entrypoint) return;
    this.program = entrypoint.kind === "program" ? entrypoint.program : null;
    if (!this.program) return this.run(entrypoint);
    const script = this.app?.init?.(this.context(this.program));
    if (script === undefined) return this.run();
    nodes.cluster.exec.start(this.worker.machine, script, this, "initialised");
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

  run(entrypoint: Entrypoint | null = null): void {
    const { nodes, machine } = this.worker;
    // Until here what the last run wrote is what there is to read.
    if (this.id) {
      this.previous = this.log;
      this.log = new ContainerLog(nodes.world.sim);
    }
    this.id = nodes.containerId();
    this.startedAt = nodes.world.sim.now;
    if (this.program) this.server = this.app?.start(this.context(this.program)) ?? null;
    this.state = { running: { startedAt: nodes.cluster.store.timestamp } };
    this.report("Created", `Created container ${this.spec.name}`);
    this.report("Started", `Started container ${this.spec.name}`);
    if (entrypoint?.kind === "sleep") {
      const argv = [...(this.spec.command ?? []), ...(this.spec.args ?? [])];
      this.main = daemon(machine, argv.length ? argv : ["/pause"]);
      if (entrypoint.seconds !== null) this.after(entrypoint.seconds * SEC, "slept");
    } else if (entrypoint?.kind === "command") this.runCommand(machine, entrypoint.argv);
    this.startProbes();
    this.worker.writeStatus();
  }

  startProbes(): void {
    const { readinessProbe, livenessProbe, startupProbe } = this.spec;
    for (const [kind, spec] of [
      ["Startup", startupProbe],
      ["Readiness", readinessProbe],
      ["Liveness", livenessProbe],
    ] as const)
      if (spec && this.running) this.probes.push(new Probe(this, kind, spec as ProbeSpec));
  }

  /** A probe has another answer than before. */
  probed(probe: Probe): void {
    if (probe.passed || probe.kind === "Readiness") {
      if (probe.kind === "Startup") probe.stop();
      return this.worker.writeStatus();
    }
    const what = probe.kind.toLowerCase();
    this.report("Killing", `Container ${this.spec.name} failed ${what} probe, will be restarted`);
    const deaf = this.deaf;
    this.main?.kill("SIGKILL");
    this.exited(deaf ? 137 : 0);
  }

  /** Nobody serves and nobody asks any more. */
  quiet(): void {
    for (const probe of this.probes) probe.stop();
    this.probes = [];
    this.server?.stop();
    this.server = null;
  }

  runCommand(machine: Machine, argv: readonly string[]): void {
    const quoted = argv.map((word) => `'${word.replace(/'/g, "'\\''")}'`).join(" ");
    const values = (this.spec.env ?? []).flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const stdout = new LogFile(this.log);
    this.main = runScript(machine, `exec ${quoted}\n`, {
      name: argv[0] ?? "sh",
      stdout,
      env: Object.fromEntries(values),
      cwd: this.spec.workingDir ?? "/",
    });
    this.main.exited.add(this);
    if (this.main.status !== null) this.after(0, "exited");
  }

  /** The program is over (kubelet: SyncPod, computePodActions). */
  exited(code: number): void {
    const { nodes, pod } = this.worker;
    const { store } = nodes.cluster;
    if (!this.running) return;
    this.quiet();
    if (this.main?.status === null) this.main.exit(code);
    this.state = {
      terminated: {
        containerID: this.id,
        exitCode: code,
        finishedAt: store.timestamp,
        reason: code === 0 ? "Completed" : "Error",
        startedAt: this.state.running?.startedAt ?? store.timestamp,
      },
    };
    const policy = pod.spec.restartPolicy ?? "Always";
    const again = this.init
      ? code !== 0 && policy !== "Never"
      : policy === "Always" || (policy === "OnFailure" && code !== 0);
    this.worker.writeStatus();
    if (!again) return this.worker.containerEnded();
    if (nodes.world.sim.now - this.startedAt > CALM) this.backOff = 0;
    // The first time it is started anew at once, then later and later.
    if (this.backOff === 0 && this.restarts === 0) return this.after(RESTART, "restart");
    this.backOff = Math.min(Math.max(this.backOff * 2, BACK_OFF), MAX_BACK_OFF);
    this.lastState = this.state;
    this.report("BackOff", "Back-off restarting failed container", "Warning");
    const seconds = this.backOff / SEC;
    const span = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
    const id = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
    this.waitFor(
      "CrashLoopBackOff",
      `back-off ${span} restarting failed container=${this.spec.name} pod=${id}`,
    );
    this.after(this.backOff, "restart");
  }

  restart(): void {
    if (this.state.terminated) this.lastState = this.state;
    this.restarts++;
    this.start(false);
  }

  /** Its image is another now: what runs ends, whatever the restart policy says. */
  changed(): void {
    const { deaf } = this;
    this.quiet();
    this.backOff = 0;
    const { store } = this.worker.nodes.cluster;
    const { running } = this.state;
    if (running) {
      this.state = {
        terminated: {
          containerID: this.id,
          exitCode: deaf ? 137 : 0,
          finishedAt: store.timestamp,
          reason: deaf ? "Error" : "Completed",
          startedAt: running.startedAt,
        },
      };
      this.main?.kill("SIGKILL");
      this.restart();
    } else if (this.id === "") this.start(false);
  }

  /** The pod is going. */
  stop(): void {
    this.ended = true;
    this.timer?.cancel();
    this.quiet();
  }

  report(reason: string, message: string, type: "Normal" | "Warning" = "Normal"): void {
    this.worker.report(reason, message, this, type);
  }

  status(): ContainerStatus {
    const image = this.spec.image ?? "";
    return {
      ...(this.id ? { containerID: this.id } : {}),
      image: this.id ? fullName(image) : image,
      imageID: this.id ? this.worker.nodes.imageId(image) : "",
      lastState: this.lastState,
      name: this.spec.name,
      ready: this.init ? this.exitCode === 0 : this.ready,
      restartCount: this.restarts,
      ...(this.init ? {} : { started: this.started }),
      state: this.state,
    };
  }
}
