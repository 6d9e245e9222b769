import { clone, equal, isObject, type JsonObject } from "../../../../base/json.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import type { Kind } from "../../../../kube/kind.ts";
import { mergeDiff, threeWay } from "../../../../kube/patch/merge.ts";
import { ApiError } from "../../../../kube/server/error.ts";
import { toJson } from "../../../../kube/text/json.ts";
import { type Kubectl, shortOf, type Verb } from "../context.ts";
import { errorText, KubectlError, refusalText } from "../error.ts";
import { type Manifest, manifests } from "../files.ts";
import { DRY_RUN, FILES, OUTPUT, VALIDATE } from "../flags.ts";
import { printChanged, printObjects } from "../print.ts";
import { finish, type Target } from "../targets.ts";

export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** The manifest with itself in its annotation (kubectl/pkg/util/apply.go, GetModifiedConfiguration). */
export function withLastApplied(manifest: JsonObject, namespace: string): JsonObject {
  const out = clone(manifest);
  const metadata: JsonObject = isObject(out.metadata) ? out.metadata : {};
  out.metadata = metadata;
  if (namespace) metadata.namespace = namespace;
  const annotations: JsonObject = isObject(metadata.annotations) ? metadata.annotations : {};
  delete annotations[LAST_APPLIED];
  metadata.annotations = annotations;
  annotations[LAST_APPLIED] = `${toJson(out)}\n`;
  return out;
}

/** What was applied last; {} when the object was made otherwise. */
function lastApplied(object: KubeObject): JsonObject {
  const text = object.metadata.annotations?.[LAST_APPLIED];
  const value: unknown = text === undefined ? {} : JSON.parse(text);
  return isObject(value) ? value : {};
}

interface Applied {
  object: KubeObject;
  done: "created" | "configured" | "unchanged";
  warnings: string;
}

/** An object as cli-runtime writes of it (resource.Info). */
function infoText(kind: Kind, name: string, namespace: string): string {
  const version = `${kind.group}/${kind.version}`;
  return `Resource: "${version}, Resource=${kind.plural}", GroupVersionKind: "${version}, Kind=${kind.kind}"\nName: "${name}", Namespace: "${namespace}"`;
}

export function applyOne(k: Kubectl, { kind, object, name, namespace, source }: Manifest): Applied {
  const { store, kinds } = k.cluster;
  const modified = withLastApplied(object, namespace);
  const { dryRun } = k;
  if (!name)
    throw new KubectlError(
      `error: error when retrieving current configuration of:\n${infoText(kind, "", namespace)}\nfrom server for: "${source}": resource name may not be empty`,
    );
  const current = store.get<KubeObject>(kinds.keyOf(kind), name, namespace);
  if (!current) {
    if (dryRun === "client")
      return { object: modified as unknown as KubeObject, done: "created", warnings: "" };
    const made = k.server.create(kind, modified, namespace, { dryRun: dryRun === "server" });
    return { object: made, done: "created", warnings: "" };
  }
  let warnings = "";
  if (current.metadata.annotations?.[LAST_APPLIED] === undefined)
    warnings += `Warning: resource ${kind.plural}/${name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`;
  const live = current as unknown as JsonObject;
  const merged = threeWay(
    lastApplied(current),
    modified,
    live,
    kind.custom ? undefined : kind.schema,
  );
  if (equal(merged, live)) return { object: current, done: "unchanged", warnings };
  if (current.metadata.deletionTimestamp)
    warnings += `Warning: Detected changes to resource ${name} which is currently being deleted.\n`;
  if (dryRun === "client")
    return { object: merged as unknown as KubeObject, done: "configured", warnings };
  try {
    const next = k.server.update(kind, merged, current, { dryRun: dryRun === "server" });
    return { object: next, done: "configured", warnings };
  } catch (error) {
    const patch = toJson(mergeDiff(live, merged));
    const doing = `error when applying patch:\n${patch}\nto:\n${infoText(kind, name, namespace)}\nfor: "${source}"`;
    if (!(error instanceof ApiError)) throw error;
    throw new KubectlError(refusalText(error, doing), 1, error);
  }
}

export const apply: Verb = {
  name: "apply",
  summary: "Apply a configuration to a resource by file name or stdin",
  usage: "kubectl apply -f FILE|FOLDER|- [-n NS] [--dry-run=client|server] [-o yaml|json|name]",
  flags: {
    ...FILES,
    ...OUTPUT,
    ...DRY_RUN,
    ...VALIDATE,
    force: {},
    overwrite: {},
    wait: {},
    "server-side": {},
    "field-manager": { value: "text" },
  },
  *run(k) {
    if (!k.options.has("filename")) throw new KubectlError("error: must specify one of -f and -k");
    if (k.args.length)
      throw new KubectlError(
        `error: Unexpected args: [${k.args.join(" ")}]\nSee 'kubectl apply -h' for help and examples`,
      );
    if (k.has("server-side"))
      throw new KubectlError(
        "error: Server-side apply not available on the server: (not implemented)",
      );
    const { items, errors } = yield* manifests(k);
    if (items.length === 0 && errors.length === 0)
      throw new KubectlError("error: no objects passed to apply");
    const results: Target[] = [];
    for (const item of items) {
      try {
        const { object, done, warnings } = applyOne(k, item);
        if (warnings) yield* k.p.err(warnings);
        if (k.output === "" || k.output === "name")
          yield* k.p.out(
            k.output === "name"
              ? `${shortOf(item.kind)}/${object.metadata.name}\n`
              : printChanged(k, item.kind, object, done),
          );
        else results.push({ kind: item.kind, object });
      } catch (error) {
        const text = errorText(error, `error when creating "${item.source}"`);
        if (text === null) throw error;
        errors.push(text);
      }
    }
    if (results.length) yield* k.p.out(printObjects(k, results, results.length === 1));
    return yield* finish(k, errors);
  },
};
