import type { Run } from "../../../host/process.ts";
import type { Service } from "../../../kube/api/core.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import type { Kind } from "../../../kube/kind.ts";
import { controllerOf, selects } from "../../../kube/objects.ts";
import { ApiError } from "../../../kube/server/error.ts";
import type { Kubectl } from "./context.ts";
import { KubectlError, refusalText } from "./error.ts";
import { manifests } from "./files.ts";

export interface Target {
  kind: Kind;
  object: KubeObject;
}

export interface Targets {
  items: Target[];
  /** What was named and is not there: told at the end. */
  errors: string[];
  /** Exactly one object was named: it is no list. */
  single: boolean;
  kinds: Kind[];
}

export interface TargetOptions {
  /** A type alone means all of them (`get`). */
  all?: boolean;
  /** What to say when nothing at all was named. */
  nothing: string;
}

/** A category such as "all", or a kind. */
function kindsNamed(k: Kubectl, name: string): Kind[] {
  const group = k.cluster.kinds.all().filter((kind) => kind.categories?.includes(name));
  // The order of the real one: pods, services, then apps.
  const order = (kind: Kind): number => (kind.group === "" ? 0 : 1);
  return group.length ? [...group].sort((a, b) => order(a) - order(b)) : [k.kind(name)];
}

/**
 * What a command's words mean (k8s.io/cli-runtime/pkg/resource, Builder): `-f`, `TYPE/NAME…`,
 * `TYPE[,TYPE] NAME…`, `TYPE -l SELECTOR`, `TYPE --all`.
 */
export function* targets(k: Kubectl, options: TargetOptions): Run<Targets> {
  const items: Target[] = [];
  const errors: string[] = [];
  const add = (kind: Kind, name: string, namespace = k.namespace): void => {
    try {
      items.push({ kind, object: k.server.get(kind, name, namespace) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errors.push(refusalText(error));
    }
  };
  if (k.options.has("filename")) {
    const read = yield* manifests(k);
    for (const { kind, name, namespace } of read.items) add(kind, name, namespace);
    errors.push(...read.errors);
    return { items, errors, single: read.items.length === 1, kinds: read.items.map((i) => i.kind) };
  }
  const [first, ...names] = k.args;
  if (first === undefined) throw new KubectlError(options.nothing);
  if (k.args.some((arg) => arg.includes("/"))) {
    const kinds: Kind[] = [];
    for (const arg of k.args) {
      const parts = arg.split("/");
      if (parts.length === 1)
        throw new KubectlError(
          "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        );
      const [type = "", name = ""] = parts;
      if (parts.length !== 2 || !type || !name)
        throw new KubectlError(
          "error: arguments in resource/name form may not have more than one slash",
        );
      const kind = k.kind(type);
      kinds.push(kind);
      if (k.has("all-namespaces"))
        throw new KubectlError(
          "error: a resource cannot be retrieved by name across all namespaces",
        );
      add(kind, name);
    }
    return { items, errors, single: k.args.length === 1, kinds };
  }
  const kinds = first
    .split(",")
    .filter(Boolean)
    .flatMap((name) => kindsNamed(k, name));
  const selected = !k.labels.empty || k.options.has("field-selector");
  if (names.length > 0) {
    if (selected)
      throw new KubectlError("error: name cannot be provided when a selector is specified");
    if (k.has("all-namespaces"))
      throw new KubectlError("error: a resource cannot be retrieved by name across all namespaces");
    if (k.has("all"))
      throw new KubectlError("error: setting 'all' parameter but found a non empty selector. ");
    for (const kind of kinds) for (const name of names) add(kind, name);
    return { items, errors, single: kinds.length === 1 && names.length === 1, kinds };
  }
  if (!options.all && !selected && !k.has("all"))
    throw new KubectlError("error: resource(s) were provided, but no name was specified");
  for (const kind of kinds) items.push(...k.matching(kind).map((object) => ({ kind, object })));
  return { items, errors, single: false, kinds };
}

/** What was not there is said last, and is a failure. */
export function* finish(k: Kubectl, errors: readonly string[]): Run {
  if (errors.length === 0) return 0;
  // Several are listed without the word before each.
  const lines = errors.length === 1 ? errors : errors.map((line) => line.replace(/^error: /, ""));
  yield* k.p.err(`${lines.join("\n")}\n`);
  return 1;
}

/** "POD", "pod/POD", "deploy/NAME", "ds/NAME", "svc/NAME": the pod that exec and logs mean. */
export function podFor(k: Kubectl, text: string): Pod {
  const [type, name] = text.includes("/") ? (text.split("/") as [string, string]) : ["pod", text];
  const object = k.server.get(k.kind(type), name, k.namespace);
  if (object.kind === "Pod") return object as Pod;
  const pods = podsOf(k, object);
  // Those that are ready come first (podutils.ByLogging).
  const found = pods.find((pod) => pod.status.phase === "Running") ?? pods[0];
  if (!found) throw new KubectlError("error: timed out waiting for the condition");
  return found;
}

/** The pods behind a Service or below a workload. */
export function podsOf(k: Kubectl, object: KubeObject): Pod[] {
  const { store } = k.cluster;
  const pods = store.list("Pod", object.metadata.namespace);
  if (object.kind === "Service")
    return pods.filter((pod) => selects((object as Service).spec.selector, pod.metadata.labels));
  const { uid } = object.metadata;
  const owners = new Set([uid]);
  for (const set of store.list("ReplicaSet", object.metadata.namespace))
    if (controllerOf(set)?.uid === uid) owners.add(set.metadata.uid);
  return pods.filter((pod) => owners.has(controllerOf(pod)?.uid ?? ""));
}
