import type { Machine } from "../../host/machine.ts";
import type { Container, Pod } from "../../kube/api/pod.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ContainerLog } from "../../kube/log.ts";
import type { PodWorker } from "../pod-worker.ts";
import type { NodeSpec } from "../spec.ts";
import type { World } from "../world.ts";

/** Where a program starts: its pod, and all around it. */
export interface AppContext {
  world: World;
  cluster: Cluster;
  /** The pod's own machine; for one in the node's network, a machine with the node's namespace. */
  machine: Machine;
  /** The machine of the node. */
  node: Machine;
  nodeSpec: NodeSpec;
  /** As it was when the program started. */
  pod: Pod;
  /** The container's name. */
  container: string;
  program: Program;
  log: ContainerLog;
  /** For programs that are not ready as soon as they run. */
  readiness: Readiness;
}

/** Told when a program is, or is no longer, ready to serve. */
export interface Readiness {
  readinessChanged(): void;
}

/** A program that runs. */
export interface Server {
  stop(): void;
  /** Absent: from the start. */
  readonly isReady?: boolean;
}

/** What a container runs: an app, and how. */
export interface Program {
  app: string;
  port: number;
  /** What a "json" app answers. */
  answer: string;
  /** Of the answer, and who is said to have given it. */
  type?: string;
  server?: string;
}

/** What a container does when it starts. */
export type Entrypoint =
  | { kind: "program"; program: Program }
  /** A command, run by the container's shell to its end. */
  | { kind: "command"; argv: string[] }
  /** Nothing, for so many seconds (null: for ever). */
  | { kind: "sleep"; seconds: number | null };

/** Generations of the mesh, which have programs of their own under the same names. */
export type Generation = "preview" | "today";

/** What runs in a pod: a program that we have. */
export interface App {
  /** As in a world file's `app`. */
  name: string;
  /** Of which mesh's programs it is one, where each generation has its own. */
  generation?: Generation;
  /** What its container's manifest says, where the image alone would run something else. */
  command?: readonly string[];
  /** It handles no SIGTERM, and the first process of a container hears no other. */
  deaf?: boolean;
  /** The script of its init container, run in the pod before it starts. */
  init?(context: AppContext): string | undefined;
  /** Start it; what stops it again, if there is more to stop than its processes. */
  start(context: AppContext): Server | null;
}

/**
 * Programs by name. Whoever starts the engine fills it (world/install.ts): they come with the part
 * that the first prompt does not wait for, so it is no state of a world.
 */
const byName = new Map<string, App[]>();
/** What images run: see images.ts. */
const images: Images[] = [];

type Images = (container: Container, world: Program | null) => Entrypoint | null;

export function installApps(apps: readonly App[]): void {
  for (const app of apps) {
    const known = byName.get(app.name) ?? [];
    if (!known.includes(app)) byName.set(app.name, [...known, app]);
  }
}

/** An app whose code comes with a part, when the first container runs it. */
export interface LaterApp extends Pick<App, "name" | "generation"> {
  part: string;
}

const later: LaterApp[] = [];

export function installLater(apps: readonly LaterApp[]): void {
  for (const app of apps) if (!later.includes(app)) later.push(app);
}

/** The generation of a mesh that the world has, or would have. */
function generationOf({ spec }: World): Generation {
  return spec.cluster?.mesh === "ambient-inpod" ? "today" : "preview";
}

export function isToday(world: World): boolean {
  return generationOf(world) === "today";
}

function pick<T extends Pick<App, "generation">>(apps: readonly T[], world: World): T | undefined {
  return apps.find(({ generation = generationOf(world) }) => generation === generationOf(world));
}

/** The part that has to come before the app called `name` can run in `world`; null: none. */
export function appPart(name: string, world: World): string | null {
  if (pick(byName.get(name) ?? [], world)) return null;
  const named = later.filter((app) => app.name === name);
  return pick(named, world)?.part ?? null;
}

export function installImages(entrypointOf: Images): void {
  if (!images.includes(entrypointOf)) images.push(entrypointOf);
}

/** Who runs the containers of a pod. */
const podWorkers: (typeof PodWorker)[] = [];

export function installPodWorker(worker: typeof PodWorker): void {
  if (!podWorkers.includes(worker)) podWorkers.push(worker);
}

export function podWorker(): typeof PodWorker {
  const [found] = podWorkers;
  if (!found) throw new Error("nobody runs pods");
  return found;
}

/** What a container runs; null when no registry has its image. */
export function findEntrypoint(container: Container, world: Program | null): Entrypoint | null {
  return images[0]?.(container, world) ?? null;
}

export function findApp(name: string, world: World): App {
  const found = pick(byName.get(name) ?? [], world);
  if (!found) throw new Error(`no app ${name}`);
  return found;
}
