import { clone, isObject, type JsonObject } from "../../../../base/json.ts";
import type { Run } from "../../../../host/process.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import type { Kubectl, Verb } from "../context.ts";
import { errorText, KubectlError } from "../error.ts";
import { DRY_RUN, FILES, OUTPUT, SELECTOR } from "../flags.ts";
import { printChanged } from "../print.ts";
import { finish, targets } from "../targets.ts";

function* run(k: Kubectl): Run {
  const wanted = Number(k.option("replicas") ?? -1);
  if (wanted < 0)
    throw new KubectlError(
      "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
    );
  const found = yield* targets(k, {
    nothing: "error: must specify one of -f and -k\n\nerror: required resource not specified",
  });
  const { errors } = found;
  const expected = Number(k.option("current-replicas") ?? -1);
  for (const { kind, object } of found.items) {
    const copy = clone(object) as unknown as JsonObject;
    const spec = copy.spec;
    if (!isObject(spec) || typeof spec.replicas !== "number") {
      errors.push("Error from server (NotFound): the server could not find the requested resource");
      continue;
    }
    if (expected >= 0 && spec.replicas !== expected) {
      errors.push(`error: Expected replicas to be ${expected}, was ${spec.replicas}`);
      continue;
    }
    spec.replicas = wanted;
    try {
      const next: KubeObject =
        k.dryRun === "client"
          ? object
          : k.server.update(kind, copy, object, { dryRun: k.dryRun === "server" });
      yield* k.p.out(printChanged(k, kind, next, "scaled"));
    } catch (error) {
      const text = errorText(error);
      if (text === null) throw error;
      errors.push(text);
    }
  }
  return yield* finish(k, errors);
}

export const scale: Verb = {
  name: "scale",
  summary: "Set a new size for a deployment or replica set",
  usage: "kubectl scale TYPE NAME | TYPE/NAME --replicas=COUNT [--current-replicas=COUNT] [-n NS]",
  flags: {
    ...FILES,
    ...OUTPUT,
    ...DRY_RUN,
    ...SELECTOR,
    all: {},
    replicas: { value: "integer" },
    "current-replicas": { value: "integer" },
    timeout: { value: "duration" },
  },
  run,
};
