import type { Process, Run } from "../../../host/process.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import { clusterOf } from "../../../kube/cluster.ts";
import { MSEC } from "../../../sim/sim.ts";
import type { Command } from "../../command.ts";
import { suggestions } from "../../lib/cobra.ts";
import { Kubectl, type Verb } from "./context.ts";
import { errorText, KubectlError } from "./error.ts";
import { GLOBAL, parseFlags } from "./flags.ts";
import { serverError } from "./reach.ts";
import { ALIASES, verbs } from "./verbs.ts";

/** One request to the API server. */
const REQUEST = 5 * MSEC;

/** The verb of the words, and the words after it. Options may stand before it. */
function verbOf(words: readonly string[]): { verb: Verb | null; name: string; rest: string[] } {
  const rest = [...words];
  const before: string[] = [];
  while (rest[0]?.startsWith("-")) {
    const word = rest.shift() as string;
    before.push(word);
    const flag = Object.entries(GLOBAL).find(
      ([n, f]) => word === `--${n}` || word === `-${f.short}`,
    );
    if (flag?.[1].value && rest.length) before.push(rest.shift() as string);
  }
  const first = rest.shift() ?? "";
  const nested = verbs.some((verb) => verb.name.startsWith(`${first} `));
  // The second word of `rollout status`, wherever it stands.
  const at = nested ? rest.findIndex((word) => !word.startsWith("-")) : -1;
  const two = `${first} ${rest[at] ?? ""}`;
  const second = verbs.find((verb) => verb.name === (ALIASES[two] ?? two));
  if (second) rest.splice(at, 1);
  const verb = second ?? verbs.find((one) => one.name === first) ?? null;
  return { verb, name: verb?.name ?? first, rest: [...before, ...rest] };
}

function overview(): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  const lines = verbs.map((verb) => `  ${verb.name.padEnd(width)}   ${verb.summary}\n`).join("");
  return `kubectl controls the Kubernetes cluster manager.

 Find more information at: https://kubernetes.io/docs/reference/kubectl/

Commands here:
${lines}
Usage:
  kubectl [flags] [options]

Use "kubectl <command> --help" for more information about a given command.
`;
}

function unknown(name: string, rest: readonly string[]): KubectlError {
  const below = verbs.filter((verb) => verb.name.startsWith(`${name} `));
  if (below.length)
    return new KubectlError(
      `error: unknown command ${JSON.stringify(rest.join(" "))}\nSee 'kubectl ${name} -h' for help and examples`,
    );
  return new KubectlError(
    `error: unknown command "${name}" for "kubectl"${suggestion(name)}\nRun 'kubectl --help' for usage.`,
  );
}

function suggestion(name: string): string {
  return suggestions(name, [...new Set(verbs.map((verb) => verb.name.split(" ")[0] as string))]);
}

function* run(p: Process, argv: string[]): Run {
  try {
    const { verb, name, rest } = verbOf(argv.slice(1));
    if (name === "" || name === "help") {
      yield* p.out(overview());
      return 0;
    }
    if (!verb) throw unknown(name, rest);
    const parsed = parseFlags(rest, { ...GLOBAL, ...verb.flags }, name, verb.interspersed ?? true);
    if (parsed.options.has("help")) {
      yield* p.out(`${verb.summary}.\n\nUsage:\n  ${verb.usage}\n`);
      return 0;
    }
    const cluster = clusterOf(p.machine);
    if (!cluster)
      throw new KubectlError(
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
      );
    const unreachable = serverError(cluster, p.machine);
    if (unreachable) throw unreachable;
    yield* p.sleep(REQUEST);
    return yield* verb.run(new Kubectl(p, cluster, name, parsed));
  } catch (error) {
    const text = errorText(error);
    if (text === null) throw error;
    yield* p.err(text.endsWith("\n") ? text : `${text}\n`);
    return error instanceof KubectlError ? error.status : 1;
  }
}

function complete(p: Process, words: string[]): string[] {
  const typed = words.slice(1).filter((word) => !word.startsWith("-"));
  const names = [...new Set(verbs.map((verb) => verb.name.split(" ")[0] as string))];
  if (typed.length <= 1) return names;
  const [first = ""] = typed;
  const below = verbs.flatMap((verb) =>
    verb.name.startsWith(`${first} `) ? [verb.name.split(" ")[1] as string] : [],
  );
  if (below.length && typed.length === 2) return below;
  const cluster = clusterOf(p.machine);
  if (!cluster) return [];
  const { store, kinds } = cluster;
  const at = words.findIndex((word) => word === "-n" || word === "--namespace");
  const namespace = at >= 0 ? (words[at + 1] ?? "default") : "default";
  const previous = words[words.length - 2];
  if (previous === "-n" || previous === "--namespace")
    return store.list("Namespace").map((o) => o.metadata.name);
  if (previous === "-f") return [];
  const rest = typed.slice(below.length ? 2 : 1);
  if (first === "exec" || first === "logs")
    return store.list("Pod", namespace).map((o) => o.metadata.name);
  if (rest.length <= 1) return kinds.all().map((kind) => kind.plural);
  const kind = kinds.named(rest[0] ?? "");
  if (!kind) return [];
  return store
    .list<KubeObject>(kinds.keyOf(kind), kind.namespaced ? namespace : undefined)
    .map((o) => o.metadata.name);
}

const kubectl: Command = {
  name: "kubectl",
  summary: "control the Kubernetes cluster manager",
  group: "kubernetes",
  man: `kubectl - control the Kubernetes cluster manager

SYNOPSIS
  kubectl get TYPE[,TYPE] [NAME...] [-n NS | -A] [-l KEY=VALUE] [-w] [-o wide|yaml|json|name|jsonpath=...]
  kubectl describe TYPE NAME          kubectl explain TYPE[.FIELD]       kubectl api-resources
  kubectl apply|create|delete -f FILE|-    kubectl edit TYPE NAME        kubectl patch TYPE NAME -p PATCH
  kubectl delete TYPE NAME|-l KEY=VALUE|--all [--grace-period=SECONDS] [--force]
  kubectl label|annotate TYPE NAME KEY=VALUE|KEY- [--overwrite]
  kubectl scale TYPE NAME --replicas=N     kubectl rollout status|restart|history|undo TYPE/NAME
  kubectl exec [-it] POD|TYPE/NAME [-c CONTAINER] -- COMMAND [ARG]...
  kubectl logs POD|TYPE/NAME|-l KEY=VALUE [-c CONTAINER] [-f] [-p] [--tail N] [--since 5m]
  kubectl wait TYPE NAME --for=condition=Ready|delete|jsonpath=PATH=VALUE [--timeout 30s]

  kubectl VERB --help lists a verb's options.

EXAMPLES
  kubectl get pods -A -o wide
  kubectl exec deploy/sleep -- curl -s productpage:9080/
  kubectl annotate pod NAME ambient.istio.io/redirection=disabled
`,
  run,
  complete,
};
export default kubectl;
