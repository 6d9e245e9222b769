import { SysError } from "../../../base/errno.ts";
import { isObject, type JsonObject } from "../../../base/json.ts";
import { fromUtf8 } from "../../../base/text.ts";
import type { Run } from "../../../host/process.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import type { Kind } from "../../../kube/kind.ts";
import { schemaErrors } from "../../../kube/server/strict.ts";
import { ManifestError, parseManifests } from "../../../kube/text/manifest.ts";
import type { Kubectl } from "./context.ts";
import { KubectlError } from "./error.ts";

/** An object of a file, its kind known and its fields checked. */
export interface Manifest {
  kind: Kind;
  object: JsonObject;
  name: string;
  namespace: string;
  /** "x.yaml", "STDIN": where it stands. */
  source: string;
}

const EXTENSIONS = /\.(json|yaml|yml)$/;

/** What `-f` names: files, folders of files, standard input. */
export function* readManifests(k: Kubectl): Run<{ source: string; text: string }[]> {
  const { p } = k;
  const { fs } = p.machine;
  const out: { source: string; text: string }[] = [];
  for (const name of (k.options.get("filename") ?? []).flatMap((value) => value.split(","))) {
    if (name === "-") {
      out.push({ source: "STDIN", text: fromUtf8(yield* p.readAll(0)) });
      continue;
    }
    if (/^https?:\/\//.test(name))
      throw new KubectlError(
        `error: unable to read URL "${name}", this cluster has no way out: put the file here and name it`,
      );
    const path = p.path(name);
    if (!fs.isDirectory(path, p)) {
      out.push({ source: name, text: read(k, name) });
      continue;
    }
    const entries = fs
      .readdir(path, p)
      .filter((entry) => EXTENSIONS.test(entry))
      .sort();
    if (entries.length === 0)
      throw new KubectlError(
        `error: error reading [${name}]: recognized file extensions are [.json .yaml .yml]`,
      );
    for (const entry of entries) {
      const file = `${name.replace(/\/$/, "")}/${entry}`;
      out.push({ source: file, text: read(k, file) });
    }
  }
  return out;
}

function read(k: Kubectl, name: string): string {
  try {
    return fromUtf8(k.p.machine.fs.readFile(k.p.path(name), k.p));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new KubectlError(
      error.code === "ENOENT"
        ? `error: the path "${name}" does not exist`
        : `error: the path "${name}" cannot be accessed: open ${name}: permission denied`,
    );
  }
}

/**
 * The objects of the files. What kubectl finds wrong with one ends the reading of its file; a kind
 * that the server does not have only leaves that object out. `errors` are told at the end.
 */
export function* manifests(k: Kubectl): Run<{ items: Manifest[]; errors: string[] }> {
  const items: Manifest[] = [];
  const errors: string[] = [];
  for (const { source, text } of yield* readManifests(k)) {
    let objects: JsonObject[];
    try {
      objects = parseManifests(text, source);
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      errors.push(error.message);
      continue;
    }
    for (const object of objects) {
      const wrong = invalid(k, object, source);
      if (wrong) {
        errors.push(wrong);
        break;
      }
      const item = manifestOf(k, object, source);
      if (typeof item === "string") errors.push(item);
      else items.push(item);
    }
  }
  return { items, errors };
}

/** One object with what is known of it; or why it cannot be sent. */
export function manifestOf(k: Kubectl, object: JsonObject, source: string): Manifest | string {
  const { kind: name, apiVersion } = object as { kind: string; apiVersion: string };
  const kind = k.cluster.kinds.of(apiVersion, name);
  const metadata = (isObject(object.metadata) ? object.metadata : {}) as Partial<
    KubeObject["metadata"]
  >;
  if (metadata.name !== undefined && typeof metadata.name !== "string") {
    const type = typeof metadata.name === "boolean" ? "bool" : typeof metadata.name;
    return `error: unable to decode ${JSON.stringify(source)}: json: cannot unmarshal ${type} into Go struct field ObjectMeta.metadata.name of type string`;
  }
  if (!kind) {
    return `error: resource mapping not found for name: "${metadata.name ?? ""}" namespace: "${metadata.namespace ?? ""}" from ${JSON.stringify(source)}: no matches for kind "${name}" in version "${apiVersion}"\nensure CRDs are installed first`;
  }
  const namespace = kind.namespaced ? (metadata.namespace ?? k.namespace) : "";
  const wanted = k.option("namespace");
  if (kind.namespaced && wanted && metadata.namespace && metadata.namespace !== wanted) {
    return `error: the namespace from the provided object "${metadata.namespace}" does not match the namespace "${wanted}". You must pass '--namespace=${metadata.namespace}' to perform this operation.`;
  }
  return { kind, object, name: metadata.name ?? "", namespace, source };
}

/** What is wrong with it as `apply` tells it; null when nothing is. */
export function invalid(k: Kubectl, object: JsonObject, source: string): string | null {
  const wrong = problem(k, object);
  return wrong && `error: error validating "${source}": error validating data: ${wrong}`;
}

/** What is wrong with an object before anybody asks the server; null when nothing is. */
export function problem(k: Kubectl, object: JsonObject): string | null {
  const errors = problems(k, object);
  if (errors.length === 0) return null;
  const text = errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`;
  return `${text}; if you choose to ignore these errors, turn validation off with --validate=false`;
}

/** The same, one by one. */
export function problems(k: Kubectl, object: JsonObject): string[] {
  const missing = [
    ...(typeof object.apiVersion === "string" && object.apiVersion ? [] : ["apiVersion not set"]),
    ...(typeof object.kind === "string" && object.kind ? [] : ["kind not set"]),
  ];
  const validate = k.option("validate") ?? "true";
  const loud = validate === "false" || validate === "ignore" ? [] : missing;
  const kind =
    missing.length === 0
      ? k.cluster.kinds.of(object.apiVersion as string, object.kind as string)
      : null;
  const errors = [
    ...loud,
    ...(kind && validate !== "false" && validate !== "ignore" ? schemaErrors(object, kind) : []),
  ];
  if (missing.length && !loud.length)
    throw new KubectlError(
      `error: unable to decode "STDIN": Object 'Kind' is missing in '${JSON.stringify(object)}'`,
    );
  return errors;
}
