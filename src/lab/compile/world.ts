import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { apiVersionOf } from "../../kube/kind.ts";
import { kinds } from "../../kube/kinds.ts";
import { schemaErrors } from "../../kube/server/strict.ts";
import { parseIpv4, parsePrefix } from "../../wire/address.ts";
import { apps } from "../../world/apps.ts";
import type { ClusterSpec, WorldSpec } from "../../world/spec.ts";
import { CompileError } from "./problem.ts";
import { parseYaml } from "./yaml.ts";

const name = v.pipe(v.string(), v.regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "expected a DNS name"));
const address = v.pipe(
  v.string(),
  v.check((text) => parseIpv4(text) !== null, "expected an IPv4 address"),
);
const prefix = v.pipe(
  v.string(),
  v.check(
    (text) => text.includes("/") && parsePrefix(text) !== null,
    "expected an address with a prefix length, such as 10.4.3.0/24",
  ),
);
const labels = v.optional(v.record(v.string(), v.string()), {});
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

const UNITS: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
const duration = v.pipe(
  v.string(),
  v.regex(/^\d+(\.\d+)?(ns|us|ms|s)$/, "expected a duration, such as 200us or 5ms"),
  v.transform((text) => {
    const [, value = "0", unit = "ns"] = /^([\d.]+)([a-z]+)$/.exec(text) ?? [];
    return Math.round(Number(value) * (UNITS[unit] ?? 1));
  }),
);
const RATES: Record<string, number> = { kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const rate = v.pipe(
  v.string(),
  v.regex(/^\d+(kbit|mbit|gbit)$/, "expected a rate, such as 100mbit"),
  v.transform((text) => Number.parseInt(text, 10) * (RATES[text.replace(/^\d+/, "")] ?? 1)),
);

const pod = v.strictObject({
  name,
  namespace: name,
  node: name,
  ip: v.optional(address),
  veth: v.optional(v.pipe(v.string(), v.maxLength(15)), ""),
  labels,
  annotations: v.optional(v.record(v.string(), v.string()), {}),
  serviceAccount: v.optional(name, "default"),
  app: v.picklist(apps.map((app) => app.name)),
  answer: v.optional(v.string(), ""),
  port: v.optional(port),
  image: v.optional(v.string(), "none"),
  container: v.optional(name),
  command: v.optional(v.array(v.string())),
  owner: v.optional(v.string(), ""),
});

const service = v.strictObject({
  name,
  namespace: name,
  clusterIp: address,
  selector: v.record(v.string(), v.string()),
  ports: v.array(
    v.strictObject({
      name: v.optional(v.string(), ""),
      port,
      targetPort: v.optional(port),
      protocol: v.optional(v.picklist(["TCP", "UDP"]), "TCP"),
    }),
  ),
});

const manifest = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({ name }),
});

const cluster = v.strictObject({
  mesh: v.picklist(["none", "ambient-geneve", "ambient-inpod"]),
  controlPlane: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => text === "" || parseIpv4(text) !== null, "expected an IPv4 address"),
    ),
    "",
  ),
  version: v.optional(v.string(), "v1.24.5-gke.600"),
  mtu: v.pipe(v.number(), v.integer(), v.minValue(576), v.maxValue(9000)),
  podCidr: prefix,
  serviceCidr: v.optional(prefix, "10.8.0.0/16"),
  link: v.strictObject({
    delay: v.optional(duration, "100us"),
    rate: v.optional(rate),
    loss: v.optional(v.number(), 0),
  }),
  nodes: v.array(
    v.strictObject({
      name,
      address: prefix,
      podCidr: prefix,
      gateway: address,
      startup: v.optional(v.string(), ""),
    }),
  ),
  namespaces: v.array(v.strictObject({ name, labels })),
  serviceAccounts: v.optional(v.array(v.strictObject({ name, namespace: name })), []),
  pods: v.array(pod),
  services: v.optional(v.array(service), []),
  manifests: v.optional(v.array(manifest), []),
});

const world = v.strictObject({
  title: v.string(),
  summary: v.optional(v.string(), ""),
  try: v.optional(v.string(), "ping -c 2 127.0.0.1"),
  differs: v.optional(v.array(v.string()), []),
  date: v.optional(
    v.pipe(
      v.string(),
      v.isoTimestamp('expected a time of day in UTC, such as "2026-06-01T08:00:00Z"'),
      v.transform((text) => Date.parse(text)),
    ),
    "2022-11-21T08:00:00Z",
  ),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)),
  at: name,
  machines: v.optional(
    v.array(v.strictObject({ name, loopback: v.optional(v.boolean(), true) })),
    [],
  ),
  cluster: v.optional(cluster),
  scripts: v.optional(v.array(v.strictObject({ at: name, run: v.string() })), []),
  files: v.optional(
    v.array(v.strictObject({ at: name, path: v.string(), content: v.string() })),
    [],
  ),
});

/** A world file that says `extends: NAME` says only what is different. */
const extension = v.strictObject({
  ...v.partial(world).entries,
  extends: name,
  cluster: v.optional(v.partial(cluster)),
});

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Maps are merged, lists are added to, and anything else takes the place of what was there. */
function merged(base: unknown, own: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(own)) return [...base, ...own];
  if (!isFields(base) || !isFields(own)) return own;
  const all: Fields = { ...base };
  for (const [key, value] of Object.entries(own))
    all[key] = key in base ? merged(base[key], value) : value;
  return all;
}

/** The text of a world of lessons/worlds: beside the sources, and beside the lab when it is built. */
function worldText(worldName: string): string | null {
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    const worlds = join(dir, "lessons/worlds");
    if (existsSync(worlds)) {
      const path = join(worlds, `${worldName}.yaml`);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    }
    if (dir === dirname(dir)) return null;
  }
}

/** What a world file and the one that it extends say together, not checked; null when it extends none. */
function extended(file: string, text: string, above: readonly string[] = []): Fields | null {
  const { extends: base, ...own } = parseYaml(
    file,
    text,
    v.looseObject({ extends: v.optional(name) }),
  );
  if (base === undefined) return null;
  parseYaml(file, text, extension);
  const found = above.includes(base) ? null : worldText(base);
  if (found === null) {
    const line = text.split("\n").findIndex((l) => l.startsWith("extends:")) + 1;
    const message = above.includes(base)
      ? `"${base}" extends itself`
      : `there is no world "${base}"`;
    throw new CompileError([{ file, line, field: "extends", message }]);
  }
  const under = `lessons/worlds/${base}.yaml`;
  const whole =
    extended(under, found, [...above, base]) ?? parseYaml(under, found, v.looseObject({}));
  return merged(whole, own) as Fields;
}

/** A world file, checked. Throws CompileError with file, line and field of every problem. */
export function compileWorld(file: string, worldName: string, text: string): WorldSpec {
  const whole = extended(file, text);
  const parsed = whole ? v.parse(world, whole) : parseYaml(file, text, world);
  const complain = (field: string, message: string): never => {
    const line = text.split("\n").findIndex((l) => l.includes(message.split('"')[1] ?? "\0")) + 1;
    throw new CompileError([{ file, line: Math.max(line, 1), field, message }]);
  };
  const made = parsed.cluster;
  let spec: ClusterSpec | null = null;
  if (made) {
    const nodes = new Set(made.nodes.map((n) => n.name));
    const namespaces = new Set(made.namespaces.map((n) => n.name));
    const seen = new Set<string>();
    for (const p of made.pods) {
      if (!nodes.has(p.node))
        complain(`cluster.pods.${p.name}.node`, `there is no node "${p.node}"`);
      if (!namespaces.has(p.namespace))
        complain(`cluster.pods.${p.name}.namespace`, `there is no namespace "${p.namespace}"`);
      if (p.ip && seen.has(p.ip))
        complain(`cluster.pods.${p.name}.ip`, `the address "${p.ip}" is used twice`);
      if (p.ip) seen.add(p.ip);
    }
    for (const object of made.manifests) {
      const of = kinds.find((k) => k.kind === object.kind && apiVersionOf(k) === object.apiVersion);
      // What only this cluster has is checked when it is applied.
      const [wrong] = of ? schemaErrors(object, of) : [];
      if (wrong) complain(`cluster.manifests.${object.metadata.name}`, wrong);
    }
    spec = {
      ...made,
      link: { delay: made.link.delay, rate: made.link.rate ?? 0, loss: made.link.loss },
      pods: made.pods.map((p) => ({
        ...p,
        ip: p.ip ?? "",
        port: p.port ?? 0,
        container: p.container ?? p.app,
        command: p.command ?? [...(apps.find((app) => app.name === p.app)?.command ?? [])],
      })),
      services: made.services.map((s) => ({
        ...s,
        ports: s.ports.map((p) => ({ ...p, targetPort: p.targetPort ?? p.port })),
      })),
    };
  }
  return { ...parsed, name: worldName, cluster: spec };
}
