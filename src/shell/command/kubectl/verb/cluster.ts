import { columns } from "../../../../base/text.ts";
import { apiVersionOf, resourceName } from "../../../../kube/kind.ts";
import { toPrettyJson } from "../../../../kube/text/json.ts";
import { toYaml } from "../../../../kube/text/yaml.ts";
import type { Verb } from "../context.ts";
import { KubectlError } from "../error.ts";
import { OUTPUT } from "../flags.ts";

/** The client whose words these are, and the server of the worlds' time. */
const CLIENT = "v1.24.5";
const SERVER = "v1.24.5-gke.600";

export const apiResources: Verb = {
  name: "api-resources",
  summary: "Print the supported API resources on the server",
  usage:
    "kubectl api-resources [--namespaced=true|false] [--api-group GROUP] [-o wide|name] [--no-headers]",
  flags: {
    ...OUTPUT,
    namespaced: { value: "text", implied: "true" },
    "api-group": { value: "text" },
    "no-headers": {},
    "sort-by": { value: "text" },
    verbs: { value: "text" },
    cached: {},
  },
  *run(k) {
    const namespaced = k.option("namespaced");
    const group = k.option("api-group");
    const by = k.option("sort-by");
    if (by !== undefined && by !== "name" && by !== "kind")
      throw new KubectlError("error: --sort-by accepts only name or kind");
    const first = (kind: (typeof all)[number]): string =>
      by === "name" ? kind.plural : by === "kind" ? kind.kind : kind.group;
    const all = k.cluster.kinds
      .all()
      .filter((kind) => namespaced === undefined || String(kind.namespaced) === namespaced)
      .filter((kind) => group === undefined || kind.group === group)
      .sort((a, b) => {
        const [left, right] = [`${first(a)}\0${a.plural}`, `${first(b)}\0${b.plural}`];
        return left < right ? -1 : 1;
      });
    if (k.output === "name") {
      yield* k.p.out(all.map((kind) => `${resourceName(kind)}\n`).join(""));
      return 0;
    }
    const wide = k.output === "wide";
    const verbs = "[create delete deletecollection get list patch update watch]";
    const rows = all.map((kind) => [
      kind.plural,
      kind.shortNames.join(","),
      apiVersionOf(kind),
      String(kind.namespaced),
      kind.kind,
      ...(wide ? [verbs] : []),
    ]);
    const head = [
      "NAME",
      "SHORTNAMES",
      "APIVERSION",
      "NAMESPACED",
      "KIND",
      ...(wide ? ["VERBS"] : []),
    ];
    yield* k.p.out(columns(k.has("no-headers") ? rows : [head, ...rows]));
    return 0;
  },
};

export const apiVersions: Verb = {
  name: "api-versions",
  summary: 'Print the supported API versions on the server, in the form of "group/version"',
  usage: "kubectl api-versions",
  flags: {},
  *run(k) {
    const all = [...new Set(k.cluster.kinds.all().map(apiVersionOf))].sort();
    yield* k.p.out(all.map((version) => `${version}\n`).join(""));
    return 0;
  },
};

export const currentContext: Verb = {
  name: "config current-context",
  summary: "Display the current-context",
  usage: "kubectl config current-context",
  flags: {},
  *run(k) {
    yield* k.p.out("hopscope\n");
    return 0;
  },
};

export const version: Verb = {
  name: "version",
  summary: "Print the client and server version information",
  usage: "kubectl version [--client] [--short] [-o yaml|json]",
  flags: { ...OUTPUT, client: {}, short: {} },
  *run(k) {
    const info = (gitVersion: string) => ({
      compiler: "gc",
      gitVersion,
      major: "1",
      minor: "24",
      platform: "linux/amd64",
    });
    const all = {
      clientVersion: info(CLIENT),
      kustomizeVersion: "v4.5.4",
      ...(k.has("client") ? {} : { serverVersion: info(SERVER) }),
    };
    if (k.output === "yaml") yield* k.p.out(`${toYaml(all)}\n`);
    else if (k.output === "json") yield* k.p.out(toPrettyJson(all));
    else if (k.output) throw new KubectlError("error: --output must be 'yaml' or 'json'");
    else {
      const server = k.has("client") ? "" : `Server Version: ${SERVER}\n`;
      yield* k.p.out(`Client Version: ${CLIENT}\nKustomize Version: v4.5.4\n${server}`);
    }
    return 0;
  },
};

export const cordon: Verb = {
  name: "cordon",
  summary: "Mark node as unschedulable",
  usage: "kubectl cordon NODE...",
  flags: {},
  run: (k) => schedulable(k, false),
};

export const uncordon: Verb = {
  name: "uncordon",
  summary: "Mark node as schedulable",
  usage: "kubectl uncordon NODE...",
  flags: {},
  run: (k) => schedulable(k, true),
};

function* schedulable(k: Parameters<Verb["run"]>[0], wanted: boolean): ReturnType<Verb["run"]> {
  const verb = wanted ? "uncordon" : "cordon";
  if (k.args.length === 0)
    throw new KubectlError(
      `error: USAGE: ${verb} NODE [flags]\nSee 'kubectl ${verb} -h' for help and examples`,
    );
  const kind = k.kind("nodes");
  for (const name of k.args) {
    const node = k.server.get(kind, name.replace(/^nodes?\//, ""), "");
    const there = (node.spec as { unschedulable?: boolean }).unschedulable !== true;
    if (there === wanted) {
      yield* k.p.out(`node/${node.metadata.name} already ${verb}ed\n`);
      continue;
    }
    k.cluster.store.edit(node, (copy) => {
      const spec = copy.spec as { unschedulable?: boolean };
      if (wanted) delete spec.unschedulable;
      else spec.unschedulable = true;
    });
    yield* k.p.out(`node/${node.metadata.name} ${verb}ed\n`);
  }
  return 0;
}
