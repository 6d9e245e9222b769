import { columns } from "../../../base/text.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import { labelsText } from "../../../kube/kind/cells.ts";
import type { Column, Kind } from "../../../kube/kind.ts";
import { toPrettyJson } from "../../../kube/text/json.ts";
import { JsonPath, JsonPathError, relaxedPath } from "../../../kube/text/jsonpath.ts";
import { toYaml } from "../../../kube/text/yaml.ts";
import { type Kubectl, shortOf } from "./context.ts";
import { KubectlError } from "./error.ts";
import type { Target } from "./targets.ts";

const FORMATS =
  "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

/** `kubectl get -o`: a format, and what stands behind its "=". */
export function outputFormat(k: Kubectl): { format: string; argument: string } {
  const [, format = "", argument = ""] = /^([^=]*)(?:=(.*))?$/s.exec(k.output) ?? [];
  const known = ["", "wide", "json", "yaml", "name", "jsonpath", "custom-columns"];
  if (!known.includes(format))
    throw new KubectlError(
      `error: unable to match a printer suitable for the output format "${format}", allowed formats are: ${FORMATS}`,
    );
  if (format === "jsonpath" && !argument)
    throw new KubectlError("error: template format specified but no template given");
  if (format === "custom-columns" && !argument)
    throw new KubectlError("error: custom-columns format specified but no custom columns given");
  return { format, argument };
}

/** An object, or a list of them, in a format for machines. */
export function printObjects(k: Kubectl, items: readonly Target[], single: boolean): string {
  const { format, argument } = outputFormat(k);
  const objects = items.map(({ object }) => object);
  const root: unknown =
    single && objects.length === 1
      ? objects[0]
      : { apiVersion: "v1", items: objects, kind: "List", metadata: { resourceVersion: "" } };
  switch (format) {
    case "json":
      return toPrettyJson(root);
    case "yaml":
      return toYaml(root);
    case "name":
      return items.map(({ kind, object }) => `${shortOf(kind)}/${object.metadata.name}\n`).join("");
    case "jsonpath":
      return template(argument, root);
    default:
      return customColumns(k, argument, objects);
  }
}

function template(text: string, root: unknown): string {
  try {
    return new JsonPath(text).print(root);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new KubectlError(`error: error parsing jsonpath ${text}, ${error.message}`);
  }
}

function customColumns(k: Kubectl, spec: string, objects: readonly KubeObject[]): string {
  const parts = spec.split(",").map((part) => {
    const at = part.indexOf(":");
    if (at < 0)
      throw new KubectlError(
        `error: unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`,
      );
    return { header: part.slice(0, at), path: new JsonPath(relaxedPath(part.slice(at + 1))) };
  });
  const rows = objects.map((object) =>
    parts.map(({ path }) => {
      const values = path.values(object).map((value) => goText(value));
      return values.length ? values.join(",") : "<none>";
    }),
  );
  return columns(k.has("no-headers") ? rows : [parts.map(({ header }) => header), ...rows]);
}

/** A value as Go's %v prints it. */
function goText(value: unknown): string {
  if (value === null) return "<none>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value === "object")
    return `map[${Object.entries(value as object)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => `${key}:${goText(field)}`)
      .join(" ")}]`;
  return String(value);
}

/** Options of a table. */
interface TableOptions {
  /** Kinds stand before the names. */
  prefixed: boolean;
  headers: boolean;
}

/** Objects of one kind as the server's table of them. */
export function table(
  k: Kubectl,
  kind: Kind,
  objects: readonly KubeObject[],
  options: TableOptions,
): string {
  return columns(tableRows(k, kind, objects, options));
}

export function tableRows(
  k: Kubectl,
  kind: Kind,
  objects: readonly KubeObject[],
  { prefixed, headers }: TableOptions,
): string[][] {
  const { view } = k;
  const shown: Column<KubeObject>[] = kind.columns.filter(
    (column) => !column.wide || k.output === "wide",
  );
  const named = shown.findIndex((column) => column.name === "NAME");
  const labels = (k.options.get("label-columns") ?? []).flatMap((value) => value.split(","));
  const spaces = k.has("all-namespaces") && kind.namespaced;
  const rows = objects.map((object) => {
    const cells = shown.map((column) => column.cell(object, view));
    if (prefixed && named >= 0) cells[named] = `${shortOf(kind)}/${cells[named]}`;
    for (const label of labels) cells.push(object.metadata.labels?.[label] ?? "");
    if (k.has("show-labels")) cells.push(labelsText(object.metadata.labels));
    return spaces ? [object.metadata.namespace ?? "", ...cells] : cells;
  });
  if (!headers) return rows;
  const head = [
    ...(spaces ? ["NAMESPACE"] : []),
    ...shown.map((column) => column.name),
    ...labels.map((label) => (label.split("/").at(-1) ?? label).toUpperCase()),
    ...(k.has("show-labels") ? ["LABELS"] : []),
  ];
  return [head, ...rows];
}

/** What a command that changes something prints: the object in a format, or what was done to it. */
export function printChanged(k: Kubectl, kind: Kind, object: KubeObject, done: string): string {
  const { output } = k;
  if (output === "") return `${shortOf(kind)}/${object.metadata.name} ${done}${k.suffix}\n`;
  if (output === "wide")
    throw new KubectlError(
      `error: unable to match a printer suitable for the output format "wide", allowed formats are: go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml`,
    );
  return printObjects(k, [{ kind, object }], true);
}
