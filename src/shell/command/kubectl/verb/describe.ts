import { describeAny } from "../../../../kube/describe/other.ts";
import { describedText } from "../../../../kube/describe/writer.ts";
import type { Verb } from "../context.ts";
import { FILES, SELECTOR } from "../flags.ts";
import { finish, targets } from "../targets.ts";

export const describe: Verb = {
  name: "describe",
  summary: "Show details of a specific resource or group of resources",
  usage: "kubectl describe TYPE [NAME...] | TYPE/NAME... [-n NS | -A] [-l KEY=VALUE]",
  flags: { ...SELECTOR, ...FILES, "show-events": {}, "chunk-size": { value: "integer" } },
  *run(k) {
    const found = yield* targets(k, {
      all: true,
      nothing:
        'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n',
    });
    const { view } = k;
    const events = k.option("show-events") !== "false";
    const texts = found.items.map(({ kind, object }) =>
      describedText(
        kind.describe?.(object, view) ?? describeAny(object),
        object,
        view,
        events && (kind.describesEvents ?? true),
      ),
    );
    if (texts.length) yield* k.p.out(texts.join("\n\n"));
    else if (!found.errors.length)
      yield* k.p.err(
        k.has("all-namespaces") || !found.kinds.some((kind) => kind.namespaced)
          ? "No resources found\n"
          : `No resources found in ${k.namespace} namespace.\n`,
      );
    return yield* finish(k, found.errors);
  },
};
