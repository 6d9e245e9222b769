import { columns } from "../../../../base/text.ts";
import type { Run } from "../../../../host/process.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import type { Kind } from "../../../../kube/kind.ts";
import type { WatchEvent } from "../../../../kube/store.ts";
import { JsonPath, relaxedPath } from "../../../../kube/text/jsonpath.ts";
import { MSEC, type Wakeable } from "../../../../sim/sim.ts";
import { WaitQueue } from "../../../../sim/wait.ts";
import type { Kubectl, Verb } from "../context.ts";
import { KubectlError } from "../error.ts";
import { FILES, OUTPUT, SELECTOR } from "../flags.ts";
import { outputFormat, printObjects, table, tableRows } from "../print.ts";
import { finish, type Target, targets } from "../targets.ts";

/** With `-w`: how long before it looks again whether it was interrupted. */
const PATIENCE = 100 * MSEC;

const NOTHING =
  'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples';

function sorted(k: Kubectl, items: Target[]): Target[] {
  const by = k.option("sort-by");
  if (by === undefined) return items;
  const path = new JsonPath(relaxedPath(by));
  const keys = new Map(items.map((item) => [item, path.values(item.object)[0]]));
  if (items.length && [...keys.values()].every((key) => key === undefined))
    throw new KubectlError(
      `error: couldn't find any field with path "${relaxedPath(by)}" in the list of objects`,
    );
  return [...items].sort((a, b) => {
    const [left, right] = [keys.get(a), keys.get(b)];
    if (left === right) return 0;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    return typeof left === "string" && typeof right === "string"
      ? natural(left, right)
      : Number(left) - Number(right);
  });
}

/** Numbers within text count as numbers (fvbommel/sortorder, NaturalLess). */
function natural(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = "", y = ""] = [left[i], right[i]];
    if (x === y) continue;
    const numbers = /^\d/.test(x) && /^\d/.test(y);
    if (numbers && Number(x) !== Number(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** Tables, one for each kind, an empty line between them. */
function tables(k: Kubectl, items: readonly Target[], kinds: readonly Kind[]): string {
  const prefixed = new Set(kinds).size > 1;
  const headers = !k.has("no-headers");
  const groups: { kind: Kind; objects: KubeObject[] }[] = [];
  for (const { kind, object } of items) {
    const last = groups.at(-1);
    if (last?.kind === kind) last.objects.push(object);
    else groups.push({ kind, objects: [object] });
  }
  return groups
    .map(({ kind, objects }) => table(k, kind, objects, { prefixed, headers }))
    .join(headers ? "\n" : "");
}

/** Collects what a watch brings, for a command that waits for it. */
class Watcher implements Wakeable {
  k: Kubectl;
  events: WatchEvent[] = [];
  some = new WaitQueue();

  constructor(k: Kubectl) {
    this.k = k;
  }

  wake(_reason: string, arg: unknown): void {
    this.events.push(arg as WatchEvent);
    this.some.wakeAll(this.k.p.sim);
  }
}

function* watch(k: Kubectl, kind: Kind, items: readonly Target[], named: boolean): Run {
  const { store, kinds } = k.cluster;
  const watcher = new Watcher(k);
  // What is there now was shown already.
  store.watchers.push({ kind: kinds.keyOf(kind), who: watcher });
  const names = new Set(items.map(({ object }) => object.metadata.uid));
  const { format } = outputFormat(k);
  let first = true;
  try {
    if (format === "" || format === "wide") {
      const objects = items.map(({ object }) => object);
      if (objects.length) {
        yield* k.p.out(table(k, kind, objects, { prefixed: false, headers: !k.has("no-headers") }));
        first = false;
      }
    } else for (const item of items) yield* k.p.out(printObjects(k, [item], true));
    const widths = tableRows(
      k,
      kind,
      items.map(({ object }) => object),
      {
        prefixed: false,
        headers: true,
      },
    );
    k.p.caught.add("SIGINT");
    for (;;) {
      for (const { object } of watcher.events.splice(0)) {
        const { namespace } = object.metadata;
        if (named && !names.has(object.metadata.uid)) continue;
        if (!named && !(k.labels.matches(object) && k.fields.matches(object))) continue;
        if (kind.namespaced && !k.has("all-namespaces") && namespace !== k.namespace) continue;
        if (format !== "" && format !== "wide") {
          yield* k.p.out(printObjects(k, [{ kind, object }], true));
          continue;
        }
        const rows = tableRows(k, kind, [object], { prefixed: false, headers: false });
        // As wide as the table above.
        const text = columns([...widths, ...rows]).split("\n");
        const head = first && !k.has("no-headers") ? `${text[0]}\n` : "";
        first = false;
        yield* k.p.out(`${head}${text.at(-2)}\n`);
      }
      yield* k.p.wait([watcher.some], k.p.sim.now + PATIENCE);
      if (k.p.took("SIGINT")) return 130;
    }
  } finally {
    store.unwatch(watcher);
  }
}

export const get: Verb = {
  name: "get",
  summary: "Display one or many resources",
  usage:
    "kubectl get TYPE[,TYPE] [NAME...] | TYPE/NAME... | -f FILE\n    [-n NS | -A] [-l KEY=VALUE] [--field-selector FIELD=VALUE] [-w] [--sort-by PATH]\n    [-o wide|yaml|json|name|jsonpath=TEMPLATE|custom-columns=SPEC] [-L LABEL] [--show-labels] [--no-headers]",
  flags: {
    ...SELECTOR,
    ...FILES,
    ...OUTPUT,
    watch: { short: "w" },
    "watch-only": {},
    "no-headers": {},
    "show-labels": {},
    "label-columns": { short: "L", value: "text" },
    "sort-by": { value: "text" },
    "ignore-not-found": {},
    "show-kind": {},
    "show-managed-fields": {},
    "chunk-size": { value: "integer" },
  },
  *run(k) {
    const { format } = outputFormat(k);
    const found = yield* targets(k, { all: true, nothing: NOTHING });
    const items = sorted(k, found.items);
    const errors = k.has("ignore-not-found")
      ? found.errors.filter((error) => !error.startsWith("Error from server (NotFound)"))
      : found.errors;
    if (k.has("watch") || k.has("watch-only")) {
      if (new Set(found.kinds).size > 1)
        throw new KubectlError(
          "error: watch is only supported on individual resources and resource collections - more than 1 resource was found",
        );
      if (errors.length) return yield* finish(k, errors);
      return yield* watch(
        k,
        found.kinds[0] as Kind,
        k.has("watch-only") ? [] : items,
        found.single,
      );
    }
    if (format !== "" && format !== "wide") {
      if (items.length || !errors.length) yield* k.p.out(printObjects(k, items, found.single));
      return yield* finish(k, errors);
    }
    if (items.length) yield* k.p.out(tables(k, items, found.kinds));
    else if (!errors.length && !k.has("ignore-not-found")) {
      const everywhere = k.has("all-namespaces") || !found.kinds.some((kind) => kind.namespaced);
      yield* k.p.err(
        everywhere ? "No resources found\n" : `No resources found in ${k.namespace} namespace.\n`,
      );
    }
    return yield* finish(k, errors);
  },
};
