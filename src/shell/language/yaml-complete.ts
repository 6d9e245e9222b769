import type { Process } from "../../host/process.ts";
import type { KubeObject } from "../../kube/api/meta.ts";
import { type Cluster, clusterOf } from "../../kube/cluster.ts";
import { apiVersionOf, type Kind } from "../../kube/kind.ts";
import type { Schema } from "../../kube/schema.ts";
import { KubectlError } from "../command/kubectl/error.ts";
import { explained, typeName } from "../command/kubectl/verb/explain.ts";
import type { Completion, Completions, Hover } from "./language.ts";
import { type Step, type YamlPlace, yamlPlace } from "./yaml-place.ts";

/** Fields whose value is the name of an object: what the schema does not say. The last steps decide. */
const REFERENCES: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)(notN|n)amespaces?$/, "Namespace"],
  [/(^|\.)serviceAccount(Name)?$/, "ServiceAccount"],
  [/(^|\.)nodeName$/, "Node"],
  [/(^|\.)(serviceName|service\.name)$/, "Service"],
  [/(^|\.)configMap(Ref|KeyRef)?\.name$/, "ConfigMap"],
];
/** Identities, as Istio writes them. */
const PRINCIPALS = /(^|\.)(notP|p)rincipals$/;
/** Maps that select pods by their labels. */
const SELECTORS = /(^|\.)(matchLabels|selector|nodeSelector)$/;

/** The schema of what a path leads to. */
function schemaAt(kind: Kind, path: readonly Step[]): Schema | null {
  let schema: Schema | undefined = kind.schema;
  for (const step of path) {
    if (step === null) schema = schema.type === "array" ? schema.items : undefined;
    else schema = schema.type === "map" ? schema.items : schema.properties?.[step];
    if (!schema) return null;
  }
  return schema;
}

function kindOf(cluster: Cluster, { apiVersion, kind }: YamlPlace): Kind | null {
  const exact = cluster.kinds.of(apiVersion, kind);
  return exact ?? cluster.kinds.all().find((one) => one.kind === kind && !apiVersion) ?? null;
}

function dotted(path: readonly Step[]): string {
  return path.filter((step) => step !== null).join(".");
}

function value(label: string, detail = ""): Completion {
  return { label, insert: label, kind: "value", detail, about: "" };
}

/** A field as it is written: what is in it begins on the next line. */
function field(
  key: string,
  schema: Schema,
  required: boolean,
  column: number,
  dash: string,
): Completion {
  const indent = " ".repeat(column + dash.length);
  const rest =
    schema.type === "object" || schema.type === "map"
      ? `:\n${indent}  `
      : schema.type === "array"
        ? `:\n${indent}- `
        : ": ";
  return {
    label: key,
    insert: dash + key + rest,
    kind: "field",
    detail: `<${typeName(schema)}>${required ? " -required-" : ""}`,
    about: schema.description,
  };
}

/** The top of a document of which nothing is known yet, or of one whose kind nobody knows. */
const TOP: Record<string, Schema> = {
  apiVersion: { type: "string", description: "" },
  kind: { type: "string", description: "" },
  metadata: { type: "object", description: "" },
};

function fieldsOf(schema: Schema, place: YamlPlace, dash: string): Completion[] {
  const { properties = {}, required = [] } = schema;
  const isRequired = (key: string): boolean => required.includes(key);
  return Object.keys(properties)
    .filter((key) => !place.siblings.has(key))
    .sort((a, b) => Number(isRequired(b)) - Number(isRequired(a)) || (a < b ? -1 : 1))
    .map((key) => field(key, properties[key] as Schema, isRequired(key), place.column, dash));
}

/** Labels that pods have: keys, or the values of one. */
function labels(cluster: Cluster, key: string | null): string[] {
  const all = cluster.store
    .list("Pod")
    .flatMap(({ metadata }) => Object.entries(metadata.labels ?? {}));
  const found =
    key === null ? all.map(([k]) => k) : all.filter(([k]) => k === key).map(([, v]) => v);
  return [...new Set(found)].sort();
}

function valuesAt(
  cluster: Cluster,
  place: YamlPlace,
  path: readonly Step[],
  schema: Schema | null,
): Completion[] {
  const { store, kinds } = cluster;
  const where = dotted(path);
  if (path.length === 1 && path[0] === "kind")
    return kinds
      .all()
      .filter((kind) => !place.apiVersion || apiVersionOf(kind) === place.apiVersion)
      .map((kind) => value(kind.kind, apiVersionOf(kind)));
  if (path.length === 1 && path[0] === "apiVersion") {
    const fit = kinds.all().filter((kind) => !place.kind || kind.kind === place.kind);
    return [...new Set(fit.map(apiVersionOf))].map((version) => value(version));
  }
  if (!schema || schema.type === "object" || schema.type === "array" || schema.type === "map")
    return [];
  if (schema.enum) return schema.enum.map((one) => value(one));
  if (schema.type === "boolean") return ["true", "false"].map((one) => value(one));
  if (PRINCIPALS.test(where))
    return store
      .list("ServiceAccount")
      .map(({ metadata }) => value(`cluster.local/ns/${metadata.namespace}/sa/${metadata.name}`));
  if (SELECTORS.test(dotted(path.slice(0, -1))))
    return labels(cluster, path.at(-1) ?? null).map((one) => value(one, "label of pods"));
  const target = REFERENCES.find(([pattern]) => pattern.test(where))?.[1];
  const kind = target === undefined ? null : kinds.of("v1", target);
  if (!kind) return [];
  const found = store.list<KubeObject>(
    kinds.keyOf(kind),
    kind.namespaced ? place.namespace : undefined,
  );
  return found.map(({ metadata }) => value(metadata.name, kind.kind));
}

export function completeYaml(p: Process, text: string, offset: number): Completions | null {
  const cluster = clusterOf(p.machine);
  const place = yamlPlace(text, offset);
  if (!cluster || !place || /\s#/.test(place.typed)) return null;
  const kind = kindOf(cluster, place);
  const schema = kind && schemaAt(kind, place.path);
  if (place.key !== null) {
    const path = [...place.path, place.key];
    const items = valuesAt(cluster, place, path, kind && schemaAt(kind, path));
    return { from: place.typedAt, items };
  }
  const from = place.typedAt;
  if (!kind)
    return place.path.length === 0
      ? { from, items: fieldsOf({ type: "object", description: "", properties: TOP }, place, "") }
      : null;
  if (!schema) return null;
  // A list was begun and its first item was not.
  const dash = schema.type === "array" ? "- " : "";
  const target = (dash ? schema.items : schema) ?? schema;
  if (target.type === "map" && SELECTORS.test(dotted(place.path))) {
    const items = labels(cluster, null).map((one) => ({
      ...value(one, "label of pods"),
      insert: `${one}: `,
    }));
    return { from, items };
  }
  if (target.type === "object") return { from, items: fieldsOf(target, place, dash) };
  const items = valuesAt(cluster, place, place.path, target);
  return { from, items: items.map((one) => ({ ...one, insert: dash + one.insert })) };
}

/** What `kubectl explain` says of the field on a line. */
export function hoverYaml(p: Process, text: string, offset: number): Hover | null {
  const cluster = clusterOf(p.machine);
  const place = yamlPlace(text, offset, true);
  const kind = cluster && place && kindOf(cluster, place);
  if (!place || !kind) return null;
  const onValue = place.key === null || offset >= place.typedAt;
  if (onValue && place.key !== "kind" && place.key !== null) return null;
  const path = [...place.path, place.key].filter((step) => step !== null);
  const [from, to] = onValue
    ? [place.typedAt, place.typedAt + place.typed.trimEnd().length]
    : [place.keyAt, place.keyAt + (place.key?.length ?? 0)];
  if (offset < from || offset > to) return null;
  // Of labels there is nothing to say but what labels are.
  const isRoot = onValue && place.key === "kind" && place.path.length === 0;
  try {
    return { from, to, text: explained(kind, isRoot ? [] : path).trimEnd() };
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    return null;
  }
}
