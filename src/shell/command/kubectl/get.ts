import { columns } from "../../../base/text.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import { labelsText } from "../../../kube/kind/cells.ts";
import type { Kind } from "../../../kube/kind.ts";
import { find, type Kubectl, KubectlError, kindOf, matching, shortOf, viewOf } from "./context.ts";

/** `kubectl get TYPE[,TYPE] [NAME…]`; the text for stdout. */
export function get(k: Kubectl): string {
  const [types, ...names] = k.args;
  if (types === undefined)
    throw new KubectlError(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples',
    );
  if (!["", "wide", "name"].includes(k.output))
    throw new KubectlError(
      `error: unable to match a printer suitable for the output format "${k.output}", allowed formats are: name,wide`,
    );
  let out = "";
  const wanted = types.includes("/") ? k.args.map((arg) => arg.split("/") as [string, string]) : [];
  if (wanted.length) {
    for (const [type, name] of wanted)
      out += table(k, kindOf(k, type), [find(k, kindOf(k, type), name)], false);
    return out;
  }
  const list = types.split(",").map((type) => kindOf(k, type));
  for (const kind of list) {
    const objects = names.length ? names.map((name) => find(k, kind, name)) : matching(k, kind);
    if (objects.length === 0) continue;
    if (out) out += "\n";
    out += table(k, kind, objects, list.length > 1);
  }
  if (out === "") {
    const where = k.allNamespaces || !list[0]?.namespaced ? "" : ` in ${k.namespace} namespace`;
    throw new KubectlError(`No resources found${where}${where ? "." : ""}`, 0);
  }
  return out;
}

function table(k: Kubectl, kind: Kind, objects: KubeObject[], prefixed: boolean): string {
  const short = shortOf(kind);
  if (k.output === "name") return objects.map((o) => `${short}/${o.metadata.name}\n`).join("");
  const view = viewOf(k);
  const shown = kind.columns.filter((column) => !column.wide || k.output === "wide");
  const rows = objects.map((o) => {
    const cells = shown.map((column) => column.cell(o, view));
    const named = shown.findIndex((column) => column.name === "NAME");
    if (prefixed && named >= 0) cells[named] = `${short}/${cells[named]}`;
    if (k.showLabels) cells.push(labelsText(o.metadata.labels));
    return k.allNamespaces && kind.namespaced ? [o.metadata.namespace ?? "", ...cells] : cells;
  });
  const head = [...shown.map((column) => column.name), ...(k.showLabels ? ["LABELS"] : [])];
  if (k.allNamespaces && kind.namespaced) head.unshift("NAMESPACE");
  return columns(k.noHeaders ? rows : [head, ...rows]);
}
