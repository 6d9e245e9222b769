import type { JsonObject } from "../../../../base/json.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import type { Verb } from "../context.ts";
import { KubectlError } from "../error.ts";
import { DRY_RUN, OUTPUT } from "../flags.ts";
import { printChanged } from "../print.ts";

export const run: Verb = {
  name: "run",
  summary: "Run a particular image on the cluster",
  usage:
    "kubectl run NAME --image=IMAGE [-n NS] [--port N] [--env K=V] [--labels K=V,...] [--restart Never]\n    [--command] [-- COMMAND ARG...]",
  flags: {
    ...OUTPUT,
    ...DRY_RUN,
    image: { value: "text" },
    port: { value: "integer" },
    env: { value: "text" },
    labels: { short: "l", value: "text" },
    restart: { value: "text" },
    command: {},
    "image-pull-policy": { value: "text" },
  },
  *run(k) {
    const [name] = k.args;
    if (name === undefined) throw new KubectlError("error: NAME is required for run");
    const image = k.option("image");
    if (!image) throw new KubectlError('error: required flag(s) "image" not set');
    const pairs = (text: string): JsonObject =>
      Object.fromEntries(
        text
          .split(",")
          .filter(Boolean)
          .map((pair) => [pair.replace(/=.*/s, ""), pair.replace(/^[^=]*=/s, "")]),
      );
    const words = [...k.args.slice(1), ...k.rest];
    const port = k.option("port");
    const policy = k.option("image-pull-policy");
    const env = (k.options.get("env") ?? []).map((pair): JsonObject => {
      if (!pair.includes("=")) throw new KubectlError(`error: invalid env: ${pair}`);
      return { name: pair.replace(/=.*/s, ""), value: pair.replace(/^[^=]*=/s, "") };
    });
    const labels = k.option("labels");
    const object: JsonObject = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels: labels === undefined ? { run: name } : pairs(labels) },
      spec: {
        containers: [
          {
            name,
            image,
            ...(words.length ? { [k.has("command") ? "command" : "args"]: words } : {}),
            ...(env.length ? { env } : {}),
            ...(port ? { ports: [{ containerPort: Number(port) }] } : {}),
            ...(policy ? { imagePullPolicy: policy } : {}),
          },
        ],
        dnsPolicy: "ClusterFirst",
        restartPolicy: k.option("restart") ?? "Always",
      },
    };
    const kind = k.kind("pods");
    const made =
      k.dryRun === "client"
        ? (object as unknown as KubeObject)
        : k.server.create(kind, object, k.namespace, { dryRun: k.dryRun === "server" });
    yield* k.p.out(printChanged(k, kind, made, "created"));
    return 0;
  },
};
