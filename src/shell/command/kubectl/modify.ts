import type { KubeObject } from "../../../kube/api/meta.ts";
import type { Kind } from "../../../kube/kind.ts";
import { find, type Kubectl, KubectlError, kindOf, shortOf } from "./context.ts";

/** `kubectl label|annotate TYPE NAME KEY=VALUE|KEY- [--overwrite]`; the text for stdout. */
export function modify(k: Kubectl, what: "labels" | "annotations"): string {
  const word = what === "labels" ? "label" : "annotation";
  const done = what === "labels" ? "labeled" : "annotated";
  const args = [...k.args];
  const first = args.shift();
  if (first === undefined)
    throw new KubectlError(
      "error: one or more resources must be specified as <resource> <name> or <resource>/<name>",
    );
  const changes = args.filter((arg) => /^[^=]+=|^[^=]+-$/.test(arg) && !isName(arg));
  const names = args.filter((arg) => !changes.includes(arg));
  const targets: { kind: Kind; object: KubeObject }[] = [];
  if (first.includes("/")) {
    for (const one of [first, ...names]) {
      const [type = "", name = ""] = one.split("/");
      targets.push({ kind: kindOf(k, type), object: find(k, kindOf(k, type), name) });
    }
  } else {
    const kind = kindOf(k, first);
    for (const name of names) targets.push({ kind, object: find(k, kind, name) });
  }
  if (targets.length === 0)
    throw new KubectlError("error: resource(s) were provided, but no name was specified");
  if (changes.length === 0)
    throw new KubectlError(`error: at least one ${word} update is required`);
  let out = "";
  for (const { kind, object } of targets) {
    const values = { ...object.metadata[what] };
    let changed = false;
    for (const change of changes) {
      const [key = "", value] =
        change.endsWith("-") && !change.includes("=") ? [change.slice(0, -1)] : split(change);
      if (value === undefined) {
        if (key in values) changed = true;
        delete values[key];
        continue;
      }
      if (key in values && values[key] !== value && !k.options.has("overwrite"))
        throw new KubectlError(
          `error: '${key}' already has a value (${values[key]}), and --overwrite is false`,
        );
      if (values[key] !== value) changed = true;
      values[key] = value;
    }
    const name = `${shortOf(kind)}/${object.metadata.name}`;
    out += changed
      ? `${name} ${changes.every((c) => c.endsWith("-")) && what === "labels" ? "unlabeled" : done}\n`
      : `${name} not ${done}\n`;
    if (changed)
      k.cluster.store.edit(object, ({ metadata }) => {
        metadata[what] = values;
      });
  }
  return out;
}

/** A pod's name may end in a dash-word, a removal ends in a dash. */
function isName(arg: string): boolean {
  return !arg.includes("=") && !arg.endsWith("-");
}

function split(change: string): [string, string] {
  const at = change.indexOf("=");
  return [change.slice(0, at), change.slice(at + 1)];
}
