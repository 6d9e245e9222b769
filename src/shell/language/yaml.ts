import { isMap, isScalar, isSeq, LineCounter, type Node } from "yaml";
import type { JsonObject } from "../../base/json.ts";
import type { Process } from "../../host/process.ts";
import type { KubeObject } from "../../kube/api/meta.ts";
import { clusterOf } from "../../kube/cluster.ts";
import type { Kind } from "../../kube/kind.ts";
import { rehearsalOf } from "../../kube/rehearse.ts";
import { ApiError } from "../../kube/server/error.ts";
import { ManifestError, parseWritten, type Written } from "../../kube/text/manifest.ts";
import { toYaml } from "../../kube/text/yaml.ts";
import { Kubectl } from "../command/kubectl/context.ts";
import { KubectlError, refusalText } from "../command/kubectl/error.ts";
import { invalid, type Manifest, manifestOf, problems } from "../command/kubectl/files.ts";
import { applyOne, LAST_APPLIED } from "../command/kubectl/verb/apply.ts";
import { RENAMED, updated } from "../command/kubectl/verb/edit.ts";
import { unifiedDiff } from "../lib/difference.ts";
import { findCommand } from "../registry.ts";
import { type Language, lineProblem, type Preview, type Problem, quoted } from "./language.ts";
import { completeYaml, hoverYaml } from "./yaml-complete.ts";

const TOOL = "kubectl apply";

/** Something that kubectl says of an object; `field`: the path that the words name. */
interface Complaint {
  written: Written;
  message: string;
  field: string;
  /** The field's name is wrong, not its value. */
  isKey: boolean;
}

/** An object before and after. */
interface Change {
  kind: Kind;
  before: KubeObject | null;
  after: KubeObject;
}

interface Outcome {
  complaints: Complaint[];
  changes: Change[];
  /** What kubectl prints of them on standard error. */
  said: string[];
}

/** A line of kubectl's validation, and the field that it is about. */
function ofValidation(written: Written, message: string): Complaint {
  const [, at = "", unknown] =
    /^ValidationError\([^).]*\.?([^)]*)\): (?:unknown field "([^"]+)")?/.exec(message) ?? [];
  const nil = /^unknown object type "nil" in [^.]*\.(\S+)$/.exec(message)?.[1];
  const field = nil ?? (unknown === undefined ? at : at ? `${at}.${unknown}` : unknown);
  return { written, message, field, isKey: unknown !== undefined };
}

/** The server's refusal, and the fields that it is about. */
function ofServer(written: Written, error: ApiError, doing: string): Complaint[] {
  if (error.reason === "Invalid")
    return error.causes.map(({ field, message }) => ({
      written,
      message: `${field}: ${message}`,
      field,
      isKey: false,
    }));
  const { message } = error;
  const field = /Go struct field \w+\.(\S+) of type/.test(message)
    ? (/Go struct field \w+\.(\S+) of type/.exec(message)?.[1] ?? "")
    : /^namespaces "|in namespace /.test(message)
      ? "metadata.namespace"
      : /looking up service account/.test(message)
        ? "spec.serviceAccountName"
        : "metadata.name";
  return [{ written, message: refusalText(error, doing), field, isKey: false }];
}

/** Is it kubectl that waits for the editor? */
function isKubectlEdit({ parent }: Process): boolean {
  return parent !== null && (parent.comm === "kubectl" || isKubectlEdit(parent));
}

/** `kubectl apply`, or what follows `kubectl edit`, in a cluster that is thrown away. */
function rehearse(p: Process, path: string, all: readonly Written[]): Outcome {
  const outcome: Outcome = { complaints: [], changes: [], said: [] };
  const cluster = clusterOf(p.machine);
  if (!cluster) return outcome;
  const copy = rehearsalOf(cluster);
  const k = new Kubectl(p, copy, "apply", { options: new Map(), args: [], rest: [] });
  const isEdit = isKubectlEdit(p);
  const items: [Manifest, Written][] = [];
  for (const written of all) {
    const wrong = problems(k, written.object);
    outcome.complaints.push(...wrong.map((message) => ofValidation(written, message)));
    if (wrong.length) {
      outcome.said.push(invalid(k, written.object, path) ?? "");
      continue;
    }
    const item = manifestOf(k, written.object, path);
    if (typeof item !== "string") items.push([item, written]);
    else {
      outcome.complaints.push({ written, message: item, field: "kind", isKey: false });
      outcome.said.push(item);
    }
  }
  for (const [item, written] of items) {
    const { kind, name, namespace } = item;
    const before = copy.store.get<KubeObject>(copy.kinds.keyOf(kind), name, namespace);
    try {
      if (isEdit && !before) throw new KubectlError(RENAMED);
      const after =
        isEdit && before ? updated(k, kind, item.object, before) : applyOne(k, item).object;
      outcome.changes.push({ kind, before, after });
    } catch (error) {
      const refusal = error instanceof KubectlError ? error.refusal : error;
      if (refusal instanceof ApiError) {
        const doing = before ? "" : `error when creating "${path}"`;
        outcome.complaints.push(...ofServer(written, refusal, doing));
        outcome.said.push(refusalText(refusal, doing));
      } else if (error instanceof KubectlError) {
        outcome.complaints.push({
          written,
          message: error.message,
          field: "metadata",
          isKey: false,
        });
        outcome.said.push(error.message);
      } else throw error;
    }
  }
  return outcome;
}

/** Where a field stands, or the innermost of what is around it. */
function rangeOf({ node }: Written, field: string, isKey: boolean): [number, number] {
  let at: Node | null = node;
  let key: Node | null = null;
  let whole = true;
  for (const [, index, inside, name] of field.matchAll(/\[(\d+)\]|\[([^\]]+)\]|([^.[\]]+)/g)) {
    if (index !== undefined && isSeq(at)) {
      const item = at.items[Number(index)] as Node | undefined;
      if (!item) {
        whole = false;
        break;
      }
      at = item;
      key = null;
      continue;
    }
    const wanted = name ?? inside ?? index ?? "";
    const pair = isMap(at)
      ? at.items.find(({ key: one }) => isScalar(one) && String(one.value) === wanted)
      : undefined;
    if (!pair) {
      whole = false;
      break;
    }
    key = pair.key as Node;
    at = (pair.value ?? null) as Node | null;
  }
  if (whole && !isKey && isScalar(at) && at.range && at.range[1] > at.range[0])
    return [at.range[0], at.range[1]];
  // The first key of an item or of a document stands for it.
  const first = key ?? (isMap(at) ? (at.items[0]?.key as Node | undefined) : at);
  const range = first?.range ?? node.range ?? [0, 1];
  return [range[0], range[1]];
}

/** Objects of a text; a text that cannot be read is a problem. */
function read(path: string, text: string): { all: Written[]; lines: LineCounter } | Problem {
  const lines = new LineCounter();
  try {
    return { all: parseWritten(text, path, lines), lines };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return lineProblem(text.split("\n"), error.line, TOOL, error.message);
  }
}

/** YAML that says nowhere what it is need not be a manifest. */
function isManifest(objects: readonly JsonObject[]): boolean {
  return objects.some((object) => "kind" in object || "apiVersion" in object);
}

function check(p: Process, path: string, text: string): Problem[] {
  const found = read(path, text);
  if ("message" in found) return [found];
  const { all, lines } = found;
  if (!isManifest(all.map(({ object }) => object))) return [];
  return rehearse(p, path, all).complaints.map(({ written, message, field, isKey }) => {
    const [from, to] = rangeOf(written, field, isKey);
    // Of nothing at all, what stands before it is shown.
    const [start, end] = [lines.linePos(Math.min(from, Math.max(to - 1, 0))), lines.linePos(to)];
    return {
      line: start.line,
      column: start.col,
      endLine: end.line,
      endColumn: end.col,
      message,
      severity: "error",
      source: TOOL,
    };
  });
}

/** An object for comparing: without what every write changes, and what apply itself writes down. */
function shown(object: KubeObject): string {
  const { annotations = {}, resourceVersion, ...metadata } = object.metadata;
  const { [LAST_APPLIED]: _, ...others } = annotations;
  const kept = Object.keys(others).length ? { annotations: others } : {};
  return toYaml({ ...object, metadata: { ...metadata, ...kept } });
}

/** kubectl/pkg/cmd/diff: its file names, and what is in them. */
function preview(p: Process, path: string, text: string): Preview {
  const found = read(path, text);
  if ("message" in found) return { diff: "", problem: found.message };
  const { changes, said } = rehearse(p, path, found.all);
  const diff = changes.map(({ kind, before, after }) => {
    const { name, namespace } = after.metadata;
    const file = [kind.group, kind.version, kind.kind, namespace, name].filter(Boolean).join(".");
    const lines = unifiedDiff(before ? shown(before) : "", shown(after));
    return lines && `--- LIVE/${file}\n+++ MERGED/${file}\n${lines}`;
  });
  return { diff: diff.join(""), problem: said.join("\n") };
}

/** Kubernetes' objects, Istio's among them, and whatever else is YAML. */
export const yaml: Language = {
  name: "yaml",
  owns: (path, text) => /\.ya?ml$/.test(path) || /^(apiVersion|kind): /.test(text),
  check,
  complete: completeYaml,
  hover: hoverYaml,
  command: (p, path) =>
    clusterOf(p.machine) && findCommand("kubectl") ? `kubectl apply -f ${quoted(path)}` : null,
  preview,
};
