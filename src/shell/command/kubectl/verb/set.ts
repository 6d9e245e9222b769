import { clone, type JsonObject } from "../../../../base/json.ts";
import type { Container, PodSpec } from "../../../../kube/api/pod.ts";
import type { Verb } from "../context.ts";
import { errorText, KubectlError } from "../error.ts";
import { DRY_RUN, FILES, OUTPUT, SELECTOR } from "../flags.ts";
import { printChanged } from "../print.ts";
import { finish, targets } from "../targets.ts";

export const setImage: Verb = {
  name: "set image",
  summary: "Update the image of a pod template",
  usage: "kubectl set image TYPE NAME | TYPE/NAME  CONTAINER=IMAGE... | *=IMAGE  [-n NS]",
  flags: { ...FILES, ...OUTPUT, ...DRY_RUN, ...SELECTOR, all: {} },
  *run(k) {
    const changes = k.args.filter((arg) => arg.includes("="));
    k.args = k.args.filter((arg) => !arg.includes("="));
    const found = yield* targets(k, { nothing: "error: must specify one of -f and -k" });
    if (changes.length === 0)
      throw new KubectlError("error: at least one image update is required");
    const { errors } = found;
    for (const { kind, object } of found.items) {
      const copy = clone(object);
      const own = copy.spec as Partial<PodSpec> & { template?: { spec: PodSpec } };
      const spec = own.template?.spec ?? own;
      const all: Container[] = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
      let missing = false;
      for (const change of changes) {
        const at = change.indexOf("=");
        const [name, image] = [change.slice(0, at), change.slice(at + 1)];
        const meant = all.filter((container) => name === "*" || container.name === name);
        for (const container of meant) container.image = image;
        if (meant.length) continue;
        errors.push(`error: unable to find container named "${name}"`);
        missing = true;
      }
      if (missing) continue;
      try {
        const before = JSON.stringify(object.spec);
        const next =
          k.dryRun === "client"
            ? copy
            : k.server.update(kind, copy as unknown as JsonObject, object, {
                dryRun: k.dryRun === "server",
              });
        if (JSON.stringify(copy.spec) !== before)
          yield* k.p.out(printChanged(k, kind, next, "image updated"));
      } catch (error) {
        const text = errorText(error);
        if (text === null) throw error;
        errors.push(text);
      }
    }
    return yield* finish(k, errors);
  },
};
