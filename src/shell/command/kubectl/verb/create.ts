import type { JsonObject } from "../../../../base/json.ts";
import type { Run } from "../../../../host/process.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import type { Kind } from "../../../../kube/kind.ts";
import type { Kubectl, Verb } from "../context.ts";
import { errorText, KubectlError } from "../error.ts";
import { manifests } from "../files.ts";
import { DRY_RUN, FILES, OUTPUT, VALIDATE } from "../flags.ts";
import { printChanged } from "../print.ts";
import { finish } from "../targets.ts";
import { withLastApplied } from "./apply.ts";

const COMMON = {
  ...OUTPUT,
  ...DRY_RUN,
  ...VALIDATE,
  "save-config": {},
  "field-manager": { value: "text" },
} as const;

/** Make one object, and say so. */
function* make(k: Kubectl, kind: Kind, object: JsonObject, namespace: string): Run {
  const raw = k.has("save-config") ? withLastApplied(object, namespace) : object;
  const made =
    k.dryRun === "client"
      ? (raw as unknown as KubeObject)
      : k.server.create(kind, raw, namespace, { dryRun: k.dryRun === "server" });
  yield* k.p.out(printChanged(k, kind, made, "created"));
  return 0;
}

function nameOf(k: Kubectl, verb: string): string {
  if (k.args.length !== 1)
    throw new KubectlError(
      `error: exactly one NAME is required, got ${k.args.length}\nSee 'kubectl ${verb} -h' for help and examples`,
    );
  return k.args[0] as string;
}

export const create: Verb = {
  name: "create",
  summary: "Create a resource from a file or from stdin",
  usage:
    "kubectl create -f FILE|FOLDER|- [-n NS] [--dry-run=client|server] [-o yaml|json|name]\n  kubectl create namespace|serviceaccount NAME\n  kubectl create configmap NAME [--from-literal KEY=VALUE]... [--from-file [KEY=]FILE]...\n  kubectl create deployment NAME --image IMAGE [--replicas N] [--port N] [-- COMMAND...]",
  flags: { ...COMMON, ...FILES, edit: {} },
  *run(k) {
    if (k.args.length)
      throw new KubectlError(
        `error: Unexpected args: [${k.args.join(" ")}]\nSee 'kubectl create -h' for help and examples`,
      );
    if (!k.options.has("filename")) throw new KubectlError("error: must specify one of -f and -k");
    const { items, errors } = yield* manifests(k);
    if (items.length === 0 && errors.length === 0)
      throw new KubectlError("error: no objects passed to create");
    for (const { kind, object, namespace, source } of items) {
      try {
        yield* make(k, kind, object, namespace);
      } catch (error) {
        const text = errorText(error, `error when creating "${source}"`);
        if (text === null) throw error;
        errors.push(text);
      }
    }
    return yield* finish(k, errors);
  },
};

export const createNamespace: Verb = {
  name: "create namespace",
  summary: "Create a namespace with the specified name",
  usage: "kubectl create namespace NAME [--dry-run=client|server]",
  flags: COMMON,
  *run(k) {
    const name = nameOf(k, "create namespace");
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    return yield* make(k, k.kind("namespaces"), object, "");
  },
};

export const createServiceAccount: Verb = {
  name: "create serviceaccount",
  summary: "Create a service account with the specified name",
  usage: "kubectl create serviceaccount NAME [-n NS] [--dry-run=client|server]",
  flags: COMMON,
  *run(k) {
    const name = nameOf(k, "create serviceaccount");
    const object = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name } };
    try {
      return yield* make(k, k.kind("serviceaccounts"), object, k.namespace);
    } catch (error) {
      throw prefixed(error, "failed to create serviceaccount");
    }
  },
};

export const createConfigMap: Verb = {
  name: "create configmap",
  summary: "Create a config map from a local file, directory or literal value",
  usage: "kubectl create configmap NAME [--from-literal KEY=VALUE]... [--from-file [KEY=]FILE]...",
  flags: { ...COMMON, "from-literal": { value: "text" }, "from-file": { value: "text" } },
  *run(k) {
    const name = nameOf(k, "create configmap");
    const data: Record<string, string> = {};
    const put = (key: string, value: string): void => {
      if (key in data)
        throw new KubectlError(
          `error: cannot add key "${key}", another key by that name already exists in Data for ConfigMap "${name}"`,
        );
      data[key] = value;
    };
    for (const literal of k.options.get("from-literal") ?? []) {
      const at = literal.indexOf("=");
      if (at < 1)
        throw new KubectlError(`error: invalid literal source ${literal}, expected key=value`);
      put(literal.slice(0, at), literal.slice(at + 1).replace(/^(["'])(.*)\1$/s, "$2"));
    }
    const { fs } = k.p.machine;
    for (const source of k.options.get("from-file") ?? []) {
      const at = source.indexOf("=");
      const path = source.slice(at + 1);
      if (!fs.exists(k.p.path(path), k.p))
        throw new KubectlError(`error: error reading ${path}: no such file or directory`);
      const key = at < 0 ? (path.split("/").at(-1) ?? path) : source.slice(0, at);
      put(key, new TextDecoder().decode(fs.readFile(k.p.path(path), k.p)));
    }
    const object: JsonObject = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name },
      ...(Object.keys(data).length ? { data } : {}),
    };
    try {
      return yield* make(k, k.kind("configmaps"), object, k.namespace);
    } catch (error) {
      throw prefixed(error, "failed to create configmap");
    }
  },
};

export const createDeployment: Verb = {
  name: "create deployment",
  summary: "Create a deployment with the specified name",
  usage:
    "kubectl create deployment NAME --image IMAGE [--replicas N] [--port N] [-n NS] [-- COMMAND ARG...]",
  flags: {
    ...COMMON,
    image: { value: "text" },
    port: { value: "integer" },
    replicas: { short: "r", value: "integer" },
  },
  *run(k) {
    const [name] = k.args;
    if (name === undefined)
      throw new KubectlError(
        "error: exactly one NAME is required, got 0\nSee 'kubectl create deployment -h' for help and examples",
      );
    const images = (k.options.get("image") ?? []).flatMap((image) => image.split(","));
    if (images.length === 0) throw new KubectlError('error: required flag(s) "image" not set');
    const command = [...k.args.slice(1), ...k.rest];
    if (images.length > 1 && command.length)
      throw new KubectlError("error: cannot specify multiple --image options and command");
    const port = k.option("port");
    const containers = images.map(
      (image, i): JsonObject => ({
        image,
        name: (image.split("/").at(-1) ?? image)
          .replace(/[:@].*$/, "")
          .replace(/[^a-zA-Z0-9-]/g, "-"),
        ...(command.length ? { command } : {}),
        ...(i === 0 && port !== undefined ? { ports: [{ containerPort: Number(port) }] } : {}),
      }),
    );
    const labels = { app: name };
    const object: JsonObject = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, labels },
      spec: {
        replicas: Number(k.option("replicas") ?? 1),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    };
    try {
      return yield* make(k, k.kind("deployments.apps"), object, k.namespace);
    } catch (error) {
      throw prefixed(error, "failed to create deployment");
    }
  },
};

/** The generators wrap what the server says, so that kubectl prints it as an error of its own. */
function prefixed(error: unknown, what: string): unknown {
  const text = errorText(error);
  if (text === null || error instanceof KubectlError) return error;
  return new KubectlError(`error: ${what}: ${(error as Error).message}`);
}

export const replace: Verb = {
  name: "replace",
  summary: "Replace a resource by file name or stdin",
  usage: "kubectl replace -f FILE|- [-n NS] [--dry-run=client|server]",
  flags: { ...COMMON, ...FILES, force: {} },
  *run(k) {
    if (!k.options.has("filename")) throw new KubectlError("error: must specify one of -f and -k");
    const { items, errors } = yield* manifests(k);
    if (items.length === 0 && errors.length === 0)
      throw new KubectlError("error: no objects passed to replace");
    for (const { kind, object, name, namespace, source } of items) {
      try {
        const old = k.server.get(kind, name, namespace);
        const next =
          k.dryRun === "client"
            ? (object as unknown as KubeObject)
            : k.server.update(kind, object, old, { dryRun: k.dryRun === "server" });
        yield* k.p.out(printChanged(k, kind, next, "replaced"));
      } catch (error) {
        const text = errorText(error, `error when replacing "${source}"`);
        if (text === null) throw error;
        errors.push(text);
      }
    }
    return yield* finish(k, errors);
  },
};
