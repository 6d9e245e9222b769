import type { KubeObject } from "../../../../kube/api/meta.ts";
import { JsonPath, JsonPathError, relaxedPath } from "../../../../kube/text/jsonpath.ts";
import { MSEC } from "../../../../sim/sim.ts";
import { type Kubectl, shortOf, type Verb } from "../context.ts";
import { KubectlError } from "../error.ts";
import { durationOf, FILES, OUTPUT, SELECTOR } from "../flags.ts";
import { finish, targets } from "../targets.ts";

const POLL = 20 * MSEC;
/** kubectl wait --timeout: where nobody says otherwise, and where somebody says a negative time. */
const TIMEOUT = "30s";
const WEEK = "168h";

type Test =
  | { kind: "delete" }
  | { kind: "condition"; type: string; status: string }
  | { kind: "path"; path: JsonPath; value: string };

function testOf(k: Kubectl): Test {
  const text = k.option("for") ?? "";
  if (text.toLowerCase() === "delete") return { kind: "delete" };
  if (text.startsWith("condition=")) {
    const [type = "", status = "true"] = text.slice("condition=".length).split("=");
    return { kind: "condition", type, status };
  }
  if (text.startsWith("jsonpath=")) {
    const parts = text.split("=");
    if (parts.length !== 3)
      throw new KubectlError(
        "error: jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3",
      );
    const [, path = "", value = ""] = parts;
    if (!value) throw new KubectlError("error: jsonpath wait condition cannot be empty");
    try {
      return {
        kind: "path",
        path: new JsonPath(relaxedPath(path)),
        value: value.replace(/^['"]|['"]$/g, ""),
      };
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error;
      throw new KubectlError(`error: ${error.message}`);
    }
  }
  throw new KubectlError(`error: unrecognized condition: "${text}"`);
}

interface Conditioned {
  status?: { conditions?: { type: string; status: string }[]; observedGeneration?: number };
}

function holds(test: Test, object: KubeObject): boolean {
  if (test.kind === "path") {
    const values = test.path.values(object);
    return values.length === 1 && String(values[0]) === test.value;
  }
  if (test.kind === "delete") return false;
  const { status } = object as Conditioned;
  // What the controller has not seen yet does not count.
  if ((status?.observedGeneration ?? Number.POSITIVE_INFINITY) < (object.metadata.generation ?? 0))
    return false;
  const found = status?.conditions?.find((c) => c.type.toLowerCase() === test.type.toLowerCase());
  return found?.status.toLowerCase() === test.status.toLowerCase();
}

export const wait: Verb = {
  name: "wait",
  summary: "Wait for a specific condition on one or many resources",
  usage:
    "kubectl wait TYPE NAME... | TYPE/NAME... | TYPE -l KEY=VALUE | TYPE --all  [-n NS | -A]\n    --for=condition=TYPE[=STATUS] | delete | jsonpath=PATH=VALUE  [--timeout 30s]",
  flags: {
    ...SELECTOR,
    ...FILES,
    ...OUTPUT,
    all: {},
    for: { value: "text" },
    timeout: { value: "duration" },
  },
  *run(k) {
    const test = testOf(k);
    const text = k.option("timeout") ?? TIMEOUT;
    const limit = durationOf(text.startsWith("-") ? WEEK : text);
    const found = yield* targets(k, {
      nothing:
        "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
    });
    const { errors } = found;
    if (found.items.length === 0 && errors.length === 0)
      throw new KubectlError("error: no matching resources found");
    const until = k.p.sim.now + limit;
    for (const { kind, object } of found.items) {
      for (;;) {
        const current = k.cluster.store.current(object);
        if (test.kind === "delete" ? !current : current && holds(test, current)) {
          yield* k.p.out(`${shortOf(kind)}/${object.metadata.name} condition met\n`);
          break;
        }
        if (!current && test.kind !== "delete") {
          errors.push(
            `Error from server (NotFound): ${kind.plural}${kind.group ? `.${kind.group}` : ""} "${object.metadata.name}" not found`,
          );
          break;
        }
        if (k.p.sim.now >= until) {
          errors.push(
            `error: timed out waiting for the condition on ${kind.plural}/${object.metadata.name}`,
          );
          break;
        }
        yield* k.p.sleep(POLL);
      }
    }
    return yield* finish(k, errors);
  },
};
