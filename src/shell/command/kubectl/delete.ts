import type { Run } from "../../../host/process.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import type { Pod } from "../../../kube/api/pod.ts";
import { deletePod } from "../../../kube/deletion.ts";
import { type Kind, resourceName } from "../../../kube/kind.ts";
import { MSEC } from "../../../sim/sim.ts";
import { find, type Kubectl, KubectlError, kindOf, matching, shortOf } from "./context.ts";

/** How often it looks whether what it deleted is gone. */
const POLL = 20 * MSEC;

/** What the learner's account may delete: what stands on nodes and namespaces is the world's. */
const KEPT = ["Node", "Namespace"];

const USAGE =
  "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/** What the words name: `pod A B`, `pod/A svc/B`, `pods -l app=x`, `pods --all`. */
function targets(k: Kubectl): { kind: Kind; object: KubeObject }[] {
  const [first, ...names] = k.args;
  if (first === undefined) throw new KubectlError(USAGE);
  if (first.includes("/"))
    return k.args.map((arg) => {
      const [type = "", name = ""] = arg.split("/");
      return { kind: kindOf(k, type), object: find(k, kindOf(k, type), name) };
    });
  const types = first.split(",").map((type) => kindOf(k, type));
  const selected = Object.keys(k.selector).length > 0;
  if (names.length > 0 && selected)
    throw new KubectlError("error: name cannot be provided when a selector is specified");
  if (names.length === 0 && !selected && !k.options.has("all"))
    throw new KubectlError("error: resource(s) were provided, but no name was specified");
  return types.flatMap((kind) => {
    const objects = names.length ? names.map((name) => find(k, kind, name)) : matching(k, kind);
    return objects.map((object) => ({ kind, object }));
  });
}

function graceOf(k: Kubectl): number | null {
  if (k.options.has("now")) return 1;
  const text = k.options.get("grace-period");
  if (text === undefined) return k.options.has("force") ? 0 : null;
  if (!/^-?\d+$/.test(text))
    throw new KubectlError(
      `error: invalid argument "${text}" for "--grace-period" flag: strconv.ParseInt: parsing "${text}": invalid syntax\nSee 'kubectl delete --help' for usage.`,
    );
  const grace = Number(text);
  // Nobody gets less than a second without asking for force.
  if (grace === 0 && !k.options.has("force")) return 1;
  return grace < 0 ? null : grace;
}

/** `kubectl delete TYPE NAME… | TYPE -l SELECTOR | TYPE --all`: it waits until they are gone. */
export function* remove(k: Kubectl): Run {
  const { p, cluster } = k;
  const force = k.options.has("force");
  const grace = graceOf(k);
  const list = targets(k);
  if (list.length === 0) {
    yield* p.out("No resources found\n");
    return 0;
  }
  if (force)
    yield* p.err(
      "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n",
    );
  for (const { kind, object } of list) {
    if (KEPT.includes(object.kind))
      throw new KubectlError(
        `Error from server (Forbidden): ${resourceName(kind)} "${object.metadata.name}" is forbidden: User "learner" cannot delete resource "${kind.plural}" in API group "" at the cluster scope`,
      );
    if (object.kind === "Pod") deletePod(cluster.store, object as Pod, grace);
    else cluster.store.remove(object);
    yield* p.out(`${shortOf(kind)} "${object.metadata.name}" ${force ? "force " : ""}deleted\n`);
  }
  if (k.options.get("wait") === "false" || force) return 0;
  while (list.some(({ object }) => cluster.store.current(object))) yield* p.sleep(POLL);
  return 0;
}
