import type { Run } from "../../../../host/process.ts";
import type { Container, ContainerStatus, Pod } from "../../../../kube/api/pod.ts";
import type { ContainerLog } from "../../../../kube/log.ts";
import { MSEC } from "../../../../sim/sim.ts";
import type { Kubectl, Verb } from "../context.ts";
import { KubectlError, usageError } from "../error.ts";
import { durationOf, SELECTOR } from "../flags.ts";
import { kubeletError } from "../reach.ts";
import { podFor, podsOf } from "../targets.ts";

/** How often `-f` looks for more. */
const POLL = 100 * MSEC;

/** The log of one container, and how far it was read. */
interface Source {
  pod: Pod;
  container: Container;
  log: ContainerLog;
  at: number;
}

const USAGE =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/** The containers that are meant: the one named, all, or the first. */
function containersOf(k: Kubectl, pod: Pod): { list: Container[]; note: string } {
  const { containers, initContainers = [] } = pod.spec;
  const name = k.option("container") ?? k.args[1];
  if (k.has("all-containers")) return { list: [...initContainers, ...containers], note: "" };
  if (name === undefined) {
    const all = [
      ...containers.map((c) => c.name),
      ...initContainers.map((c) => `${c.name} (init)`),
    ];
    const [first] = containers;
    const note =
      all.length > 1 ? `Defaulted container "${first?.name}" out of: ${all.join(", ")}\n` : "";
    return { list: first ? [first] : [], note };
  }
  const found = [...containers, ...initContainers].find((c) => c.name === name);
  if (!found)
    throw new KubectlError(`error: container ${name} is not valid for pod ${pod.metadata.name}`);
  return { list: [found], note: "" };
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  return [...containerStatuses, ...initContainerStatuses].find((c) => c.name === name);
}

/** The node's answer: why there is no log (kubelet: validateContainerLogStatus). */
function logOf(k: Kubectl, pod: Pod, name: string): ContainerLog {
  const bad = (text: string): KubectlError =>
    new KubectlError(`Error from server (BadRequest): ${text}`);
  const status = statusOf(pod, name);
  if (k.has("previous")) {
    const log = k.cluster.kubelet?.log(pod, name, true);
    if (log) return log;
    throw bad(`previous terminated container "${name}" in pod "${pod.metadata.name}" not found`);
  }
  const log = k.cluster.kubelet?.log(pod, name);
  const waiting = status?.state.waiting;
  const ran = status?.lastState.terminated !== undefined;
  if (log && (log.lines.length > 0 || !waiting || ran)) return log;
  const reason = waiting?.reason ?? "";
  if (reason === "ErrImagePull" || reason === "ImagePullBackOff")
    throw bad(
      reason === "ErrImagePull"
        ? `container "${name}" in pod "${pod.metadata.name}" is waiting to start: image can't be pulled`
        : `container "${name}" in pod "${pod.metadata.name}" is waiting to start: trying and failing to pull image`,
    );
  if (!pod.spec.nodeName) throw bad(`pod ${pod.metadata.name} does not have a host assigned`);
  throw bad(
    `container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${reason || "ContainerCreating"}`,
  );
}

function* sources(k: Kubectl, pods: readonly Pod[]): Run<Source[]> {
  const out: Source[] = [];
  const tail = k.option("tail");
  const keep = tail !== undefined ? Number(tail) : k.options.has("selector") ? 10 : -1;
  if (keep < -1) throw new KubectlError("error: --tail must be greater than or equal to -1");
  const since = k.option("since");
  const span = since === undefined ? null : durationOf(since);
  if (span !== null && span <= 0) throw new KubectlError("error: --since must be greater than 0");
  for (const pod of pods) {
    const { list, note } = containersOf(k, pod);
    if (note) yield* k.p.err(note);
    for (const container of list) {
      const unreachable = kubeletError(k.cluster, pod);
      if (unreachable) {
        yield* k.p.sleep(unreachable.after);
        const { name, namespace } = pod.metadata;
        const ip = pod.status.hostIP ?? "";
        throw new KubectlError(
          `Error from server: Get "https://${ip}:10250/containerLogs/${namespace}/${name}/${container.name}": ${unreachable.text}`,
        );
      }
      const log = logOf(k, pod, container.name);
      let at = keep >= 0 ? Math.max(0, log.lines.length - keep) : 0;
      if (span !== null) {
        const from = log.lines.findIndex((line) => line.at >= k.p.sim.now - span);
        at = Math.max(at, from < 0 ? log.lines.length : from);
      }
      out.push({ pod, container, log, at });
    }
  }
  return out;
}

function* run(k: Kubectl): Run {
  const selected = k.options.has("selector");
  const [name] = k.args;
  if (!selected && name === undefined) throw usageError("logs", USAGE);
  if (selected && name !== undefined)
    throw usageError("logs", "only a selector (-l) or a POD name is allowed");
  if (k.args[1] !== undefined && k.options.has("container"))
    throw new KubectlError("error: only one of -c or an inline [CONTAINER] arg is allowed");
  const { epoch } = k.p.sim;
  const pods = selected ? (k.matching(k.kind("pods")) as Pod[]) : [podFor(k, name as string)];
  if (selected && pods.length === 0) {
    yield* k.p.err(`No resources found in ${k.namespace} namespace.\n`);
    return 0;
  }
  const shared = name?.includes("/") && !name.startsWith("pod") ? sharedNote(k, name, pods) : "";
  if (shared) yield* k.p.err(shared);
  const list = yield* sources(k, pods);
  const follow = k.has("follow");
  if (follow && list.length > 5)
    throw new KubectlError(
      `error: you are attempting to follow ${list.length} log streams, but maximum allowed concurrency is 5, use --max-log-requests to increase the limit`,
    );
  for (;;) {
    for (const source of list) {
      const lines = source.log.lines.slice(source.at);
      source.at = source.log.lines.length;
      const prefix = k.has("prefix")
        ? `[pod/${source.pod.metadata.name}/${source.container.name}] `
        : "";
      const time = (at: number): string =>
        k.has("timestamps")
          ? `${new Date(epoch + at / 1e6).toISOString().replace("Z", "")}${String(Math.floor(at % 1e6)).padStart(6, "0")}Z `
          : "";
      const text = lines.map((line) => `${prefix}${time(line.at)}${line.text}\n`);
      if (text.length) yield* k.p.out(text.join(""));
    }
    if (!follow || list.every(({ pod, container }) => isOver(k, pod, container.name))) return 0;
    yield* k.p.sleep(POLL);
  }
}

/** Nobody will write to this log any more. */
function isOver(k: Kubectl, pod: Pod, container: string): boolean {
  const current = k.cluster.store.current(pod);
  return !current || statusOf(current, container)?.state.terminated !== undefined;
}

function sharedNote(k: Kubectl, name: string, pods: readonly Pod[]): string {
  const [type = "", object = ""] = name.split("/");
  const all = podsOf(k, k.server.get(k.kind(type), object, k.namespace));
  return all.length > 1 ? `Found ${all.length} pods, using pod/${pods[0]?.metadata.name}\n` : "";
}

export const logs: Verb = {
  name: "logs",
  summary: "Print the logs for a container in a pod",
  usage:
    "kubectl logs POD | TYPE/NAME | -l KEY=VALUE [-n NS] [-c CONTAINER | --all-containers]\n    [-f] [-p] [--tail N] [--since 5m] [--timestamps] [--prefix]",
  flags: {
    selector: SELECTOR.selector as { short: string; value: "text" },
    container: { short: "c", value: "text" },
    "all-containers": {},
    follow: { short: "f" },
    previous: { short: "p" },
    tail: { value: "integer" },
    since: { value: "duration" },
    timestamps: {},
    prefix: {},
    "max-log-requests": { value: "integer" },
    "ignore-errors": {},
    "limit-bytes": { value: "integer" },
  },
  run,
};
