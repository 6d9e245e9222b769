import type { JsonObject } from "../../../../base/json.ts";
import { isObject } from "../../../../base/json.ts";
import type { ConfigMap } from "../../../../kube/api/core.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import type { Cluster } from "../../../../kube/cluster.ts";
import { kindKey } from "../../../../kube/objects.ts";
import { ManifestError, parseManifests } from "../../../../kube/text/manifest.ts";
import type { Istioctl } from "../context.ts";
import { logLine } from "../context.ts";
import type { Resource } from "./analysis.ts";
import { type Chunk, chunksOf, fieldLines } from "./chunks.ts";
import { decodeError } from "./json-error.ts";
import { AUTHORIZATION_POLICY, PEER_AUTHENTICATION } from "./security.ts";

/** Where what is analysed comes from (istio: pkg/config/analysis/local/istiod_analyze.go). */

/** istio: pkg/kube/inject, IgnoredNamespaces */
const IGNORED = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/** Kinds that are looked at whatever their revision; they are not read from files. */
const DISCOVERY = ["Namespace", "Service", "Pod"];
/** Those that a revision has, and their versions in files. */
const CONFIGURATION: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["v1"],
  CustomResourceDefinition: ["apiextensions.k8s.io/v1"],
  Deployment: ["apps/v1"],
  [AUTHORIZATION_POLICY]: ["security.istio.io/v1", "security.istio.io/v1beta1"],
  [PEER_AUTHENTICATION]: ["security.istio.io/v1", "security.istio.io/v1beta1"],
};

type Resources = Map<string, Resource[]>;

function namespaceOf({ kind, metadata }: KubeObject): string {
  return kind === "Namespace" ? metadata.name : (metadata.namespace ?? "");
}

/** Is it of the revision, or of none? */
function isOf(revision: string, { metadata }: KubeObject): boolean {
  const own = metadata.labels?.["istio.io/rev"];
  return !own || own === revision;
}

/** What of a running cluster is looked at. */
export function clusterResources(
  { store }: Cluster,
  revision: string,
  istioNamespace: string,
): Resources {
  const all: Resources = new Map();
  for (const key of DISCOVERY)
    all.set(
      key,
      store
        .list<KubeObject>(key)
        .filter((object) => !IGNORED.includes(namespaceOf(object)))
        .map((object) => ({ object, position: null })),
    );
  for (const key of Object.keys(CONFIGURATION))
    all.set(
      key,
      store
        .list<KubeObject>(key)
        .filter((object) => isOf(revision, object))
        .filter(
          ({ metadata }) =>
            key !== "ConfigMap" ||
            (metadata.namespace === istioNamespace &&
              metadata.name.startsWith("istio") &&
              !metadata.annotations?.["control-plane.alpha.kubernetes.io/leader"]),
        )
        .map((object) => ({ object, position: null })),
    );
  return all;
}

/** The mesh's configuration: of it only where its own policies stand. */
export function rootNamespaceOf(cluster: Cluster | null, istioNamespace: string): string {
  const map = cluster?.store.get<ConfigMap>("ConfigMap", "istio", istioNamespace);
  const [, named] = /^rootNamespace:\s*"?([^\s"]+)/m.exec(map?.data?.mesh ?? "") ?? [];
  return named ?? "istio-system";
}

/** As hashicorp/go-multierror writes errors. */
export function multiError(errors: readonly string[]): string {
  const head = errors.length === 1 ? "1 error occurred" : `${errors.length} errors occurred`;
  return `${head}:\n${errors.map((error) => `\t* ${error}\n`).join("")}\n`;
}

const STRUCT =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Objects of a document, or why it is none (istio: pilot/pkg/config/file/store.go, parseChunk). */
function objectsOf(chunk: Chunk, file: string): JsonObject[] | string {
  try {
    return parseManifests(chunk.text, file);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const [, yaml] = /error converting YAML to JSON: (.*)$/s.exec(error.message) ?? [];
    if (yaml) return `failed converting YAML to JSON: ${yaml}`;
    const [, found = "string"] = /invalid object to validate: (.*)$/.exec(error.message) ?? [];
    return `failed interpreting jsonChunk: couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type ${STRUCT}`;
  }
}

/** What a file's text has of the kinds that are looked at, and what is wrong with the rest. */
function parseFile(
  ctx: Istioctl,
  file: string,
  text: string,
  namespace: string,
): { resources: [string, Resource][]; errors: string[] } {
  const resources: [string, Resource][] = [];
  const errors: string[] = [];
  for (const [i, chunk] of chunksOf(text).entries()) {
    if (!chunk.text) continue;
    const fail = (why: string): number => errors.push(`error processing ${file}[${i}]: ${why}`);
    const objects = objectsOf(chunk, file);
    if (typeof objects === "string") {
      fail(objects);
      continue;
    }
    const fields = objects.length === 1 ? fieldLines(chunk) : new Map<string, number>();
    for (const object of objects) {
      const { apiVersion = "", kind = "" } = object as { apiVersion?: string; kind?: string };
      if (!apiVersion && !kind) {
        fail("unable to parse resource with no group, version and kind");
        continue;
      }
      const key = kindKey(String(apiVersion), String(kind));
      if (!CONFIGURATION[key]?.includes(String(apiVersion))) continue;
      const known = ctx.found?.kinds.all().find((one) => one.kind === kind);
      const wrong = known ? decodeError(object, known) : null;
      if (wrong) {
        fail(`failed parsing JSON for built-in type: ${wrong}`);
        continue;
      }
      const metadata = isObject(object.metadata) ? object.metadata : {};
      const clusterWide = key === "CustomResourceDefinition";
      const home = clusterWide ? "" : String(metadata.namespace || namespace);
      const { namespace: _, ...rest } = metadata;
      const found = {
        ...object,
        metadata: { ...rest, name: String(metadata.name ?? ""), ...(home && { namespace: home }) },
      } as unknown as KubeObject;
      if (IGNORED.includes(home)) continue;
      resources.push([key, { object: found, position: { file, line: chunk.line, fields } }]);
    }
  }
  return { resources, errors };
}

/** The files' objects stand in for the cluster's of the same name. Answers what is wrong, or "". */
export function addFiles(
  ctx: Istioctl,
  resources: Resources,
  files: readonly { name: string; text: string }[],
  namespace: string,
): { logged: string; error: string } {
  const added: [string, Resource][] = [];
  const failed: string[] = [];
  let logged = "";
  for (const { name, text } of files) {
    const { resources: found, errors } = parseFile(ctx, name, text, namespace);
    added.push(...found);
    for (const error of errors) logged += logLine(ctx, "warn", `${error} - skipping`, "file");
    if (errors.length)
      failed.push(`errors parsing content ${JSON.stringify(name)}: ${multiError(errors)}`);
  }
  const same = (a: KubeObject, b: KubeObject): boolean =>
    a.metadata.name === b.metadata.name &&
    (a.metadata.namespace ?? "") === (b.metadata.namespace ?? "");
  for (const [key, resource] of added) {
    const others = (resources.get(key) ?? []).filter(
      ({ object }) => !same(object, resource.object),
    );
    resources.set(key, [resource, ...others]);
  }
  return { logged, error: failed.length ? multiError(failed) : "" };
}
