import type { KubeObject } from "../../../../kube/api/meta.ts";
import { ApiError } from "../../../../kube/server/error.ts";
import { MSEC } from "../../../../sim/sim.ts";
import { type Kubectl, shortOf, type Verb } from "../context.ts";
import { errorText, KubectlError } from "../error.ts";
import { DRY_RUN, durationOf, FILES, OUTPUT, SELECTOR } from "../flags.ts";
import { finish, targets } from "../targets.ts";

/** How often it looks whether what it deleted is gone. */
const POLL = 20 * MSEC;

const NOTHING =
  "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/** Seconds; null: as the object says. */
function graceOf(k: Kubectl): number | null {
  const text = k.option("grace-period");
  const grace = text === undefined ? -1 : Number(text);
  if (k.has("now")) {
    if (grace !== -1)
      throw new KubectlError("error: --now and --grace-period cannot be specified together");
    return 1;
  }
  if (grace > 0 && k.has("force"))
    throw new KubectlError(
      "error: --force and --grace-period greater than 0 cannot be specified together",
    );
  // Nobody gets less than a second without asking for force.
  if (grace === 0 && !k.has("force")) return 1;
  if (grace < 0) return k.has("force") ? 0 : null;
  return grace;
}

function propagation(k: Kubectl): "Background" | "Orphan" | "Foreground" {
  const text = k.option("cascade") ?? "background";
  if (text === "orphan" || text === "false") return "Orphan";
  if (text === "background" || text === "true") return "Background";
  if (text === "foreground") return "Foreground";
  throw new KubectlError(
    `error: invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`,
  );
}

export const remove: Verb = {
  name: "delete",
  summary:
    "Delete resources by file names, stdin, resources and names, or by resources and label selector",
  usage:
    "kubectl delete TYPE NAME... | TYPE/NAME... | TYPE -l KEY=VALUE | TYPE --all | -f FILE\n    [-n NS] [--wait=false] [--grace-period=SECONDS] [--now] [--force] [--cascade=orphan] [--ignore-not-found]",
  flags: {
    ...SELECTOR,
    ...FILES,
    ...OUTPUT,
    ...DRY_RUN,
    all: {},
    force: {},
    now: {},
    wait: {},
    cascade: { value: "text", implied: "background" },
    "grace-period": { value: "integer" },
    "ignore-not-found": {},
    timeout: { value: "duration" },
  },
  *run(k) {
    const { p, cluster } = k;
    const force = k.has("force");
    const grace = graceOf(k);
    const cascade = propagation(k);
    if (k.output !== "" && k.output !== "name")
      throw new KubectlError(
        `error: unexpected -o output mode: ${k.output}. We only support '-o name'`,
      );
    if (k.has("all") && !k.labels.empty)
      throw new KubectlError("error: cannot set --all and --selector at the same time");
    const found = yield* targets(k, { nothing: NOTHING });
    const errors = k.has("ignore-not-found")
      ? found.errors.filter((error) => !error.startsWith("Error from server (NotFound)"))
      : found.errors;
    if (force)
      yield* p.err(
        "warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n",
      );
    const gone: KubeObject[] = [];
    for (const { kind, object } of found.items) {
      try {
        if (k.dryRun !== "client")
          k.server.remove(kind, object, {
            grace,
            propagation: cascade,
            dryRun: k.dryRun === "server",
          });
        if (k.dryRun === "none") gone.push(object);
        yield* p.out(
          k.output === "name"
            ? `${shortOf(kind)}/${object.metadata.name}\n`
            : `${shortOf(kind)} "${object.metadata.name}" ${force ? "force deleted" : "deleted"}${k.suffix}\n`,
        );
      } catch (error) {
        const text = errorText(error);
        if (text === null) throw error;
        if (error instanceof ApiError && error.reason === "NotFound" && k.has("ignore-not-found"))
          continue;
        errors.push(text);
      }
    }
    if (found.items.length === 0 && errors.length === 0) {
      if (!k.has("ignore-not-found") || !k.options.has("filename"))
        yield* p.out("No resources found\n");
      return 0;
    }
    const wait = k.option("wait") !== "false" && !force;
    const limit = k.option("timeout");
    const until =
      limit && durationOf(limit) > 0 ? p.sim.now + durationOf(limit) : Number.POSITIVE_INFINITY;
    while (wait && gone.some((object) => cluster.store.current(object))) {
      if (p.sim.now >= until) {
        const late = gone.find((object) => cluster.store.current(object)) as KubeObject;
        const kind = cluster.kinds.of(late.apiVersion, late.kind);
        errors.push(
          `error: timed out waiting for the condition on ${kind?.plural}/${late.metadata.name}`,
        );
        break;
      }
      yield* p.sleep(POLL);
    }
    return yield* finish(k, errors);
  },
};
