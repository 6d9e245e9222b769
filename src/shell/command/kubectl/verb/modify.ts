import { clone, equal, type JsonObject } from "../../../../base/json.ts";
import type { Run } from "../../../../host/process.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import { keyProblem, valueProblem } from "../../../../kube/server/names.ts";
import type { Kubectl, Verb } from "../context.ts";
import { errorText, KubectlError } from "../error.ts";
import { DRY_RUN, FILES, type Flags, OUTPUT, SELECTOR } from "../flags.ts";
import { printChanged } from "../print.ts";
import { finish, targets } from "../targets.ts";

interface Changes {
  set: Record<string, string>;
  remove: string[];
}

/** `KEY=VALUE` and `KEY-` among the words; the others name what is meant. */
function isChange(word: string): boolean {
  return /^[^=]+=/.test(word) || /^[^=]+-$/.test(word);
}

function parseLabels(words: readonly string[]): Changes {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const word of words) {
    if (!word.includes("=")) {
      remove.push(word.slice(0, -1));
      continue;
    }
    const parts = word.split("=");
    const [key = "", value = ""] = parts;
    if (parts.length !== 2) throw new KubectlError(`error: invalid label spec: ${word}`);
    const wrong = valueProblem(value);
    if (wrong) throw new KubectlError(`error: invalid label value: "${word}": ${wrong}`);
    set[key] = value;
  }
  if (remove.some((key) => key in set))
    throw new KubectlError("error: can not both modify and remove a label in the same command");
  return { set, remove };
}

function parseAnnotations(words: readonly string[]): Changes {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 0) remove.push(word.slice(0, -1));
    else set[word.slice(0, at)] = word.slice(at + 1);
  }
  const both = remove.filter((key) => key in set);
  if (both.length)
    throw new KubectlError(
      `error: can not both modify and remove the following annotation(s) in the same command: ${both.join(", ")}`,
    );
  return { set, remove };
}

const FLAGS: Flags = {
  ...SELECTOR,
  ...FILES,
  ...OUTPUT,
  ...DRY_RUN,
  all: {},
  overwrite: {},
  list: {},
  local: {},
  "resource-version": { value: "text" },
  "field-manager": { value: "text" },
};

function overwriteError(
  what: "labels" | "annotations",
  values: Record<string, string>,
  set: Record<string, string>,
): string | null {
  const taken = Object.keys(set).filter(
    (key) => key in values && !(what === "annotations" && key === "kubernetes.io/change-cause"),
  );
  if (taken.length === 0) return null;
  if (what === "labels")
    return taken
      .map(
        (key) => `error: '${key}' already has a value (${values[key]}), and --overwrite is false`,
      )
      .join("\n");
  const list = taken.map((key) => `'${key}' already has a value (${values[key]})`);
  return `error: --overwrite is false but found the following declared annotation(s): ${list.join("; ")}`;
}

function* modify(k: Kubectl, what: "labels" | "annotations"): Run {
  const word = what === "labels" ? "label" : "annotation";
  const at = k.args.findIndex(isChange);
  const changes = at < 0 ? [] : k.args.slice(at);
  const wrong = changes.find((change) => !isChange(change));
  if (wrong !== undefined)
    throw new KubectlError(
      what === "labels"
        ? `error: unknown label spec: ${wrong}`
        : `error: all resources must be specified before annotation changes: ${wrong}`,
    );
  if (at >= 0) k.args = k.args.slice(0, at);
  if (k.args.length === 0 && !k.options.has("filename"))
    throw new KubectlError(
      "error: one or more resources must be specified as <resource> <name> or <resource>/<name>",
    );
  if (changes.length === 0 && !k.has("list"))
    throw new KubectlError(`error: at least one ${word} update is required`);
  const { set, remove } = what === "labels" ? parseLabels(changes) : parseAnnotations(changes);
  for (const key of [...Object.keys(set), ...remove]) {
    const problem = keyProblem(key);
    if (problem && what === "annotations")
      throw new KubectlError(`error: invalid annotation format: ${key}`);
  }
  const found = yield* targets(k, { nothing: "" });
  const { errors } = found;
  for (const { kind, object } of found.items) {
    const values = object.metadata[what] ?? {};
    if (k.has("list")) {
      if (found.items.length > 1)
        yield* k.p.out(`Listing ${what} for ${kind.kind}.${kind.group}/${object.metadata.name}:\n`);
      const indent = found.items.length > 1 ? " " : "";
      const lines = Object.entries(values).map(([key, value]) => `${indent}${key}=${value}\n`);
      yield* k.p.out(lines.join(""));
      continue;
    }
    const taken = k.has("overwrite") ? null : overwriteError(what, values, set);
    if (taken) {
      errors.push(taken);
      continue;
    }
    if (what === "labels")
      for (const key of remove) if (!(key in values)) yield* k.p.out(`label "${key}" not found.\n`);
    const wanted = Object.fromEntries(
      Object.entries({ ...values, ...set }).filter(([key]) => !remove.includes(key)),
    );
    const copy = clone(object) as unknown as JsonObject & { metadata: JsonObject };
    copy.metadata[what] = wanted;
    try {
      const next: KubeObject =
        k.dryRun === "client"
          ? (copy as unknown as KubeObject)
          : k.server.update(kind, copy, object, { dryRun: k.dryRun === "server" });
      const changed = !equal(wanted, values);
      const fewer =
        !k.has("overwrite") && JSON.stringify(wanted).length < JSON.stringify(values).length;
      const done =
        what === "annotations"
          ? "annotated"
          : !changed
            ? "not labeled"
            : fewer
              ? "unlabeled"
              : "labeled";
      yield* k.p.out(printChanged(k, kind, next, done));
    } catch (error) {
      const text = errorText(error);
      if (text === null) throw error;
      errors.push(text);
    }
  }
  return yield* finish(k, errors);
}

export const label: Verb = {
  name: "label",
  summary: "Update the labels on a resource",
  usage:
    "kubectl label TYPE NAME... | TYPE/NAME... | TYPE --all  KEY=VALUE | KEY- ... [--overwrite] [-n NS]",
  flags: FLAGS,
  run: (k) => modify(k, "labels"),
};

export const annotate: Verb = {
  name: "annotate",
  summary: "Update the annotations on a resource",
  usage:
    "kubectl annotate TYPE NAME... | TYPE/NAME... | TYPE --all  KEY=VALUE | KEY- ... [--overwrite] [-n NS]",
  flags: FLAGS,
  run: (k) => modify(k, "annotations"),
};
