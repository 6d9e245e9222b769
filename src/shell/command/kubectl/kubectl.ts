import type { Process, Run } from "../../../host/process.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import { clusterOf } from "../../../kube/cluster.ts";
import { MSEC } from "../../../sim/sim.ts";
import type { Command } from "../../command.ts";
import { type Kubectl, KubectlError } from "./context.ts";
import { remove } from "./delete.ts";
import { exec } from "./exec.ts";
import { get } from "./get.ts";
import { logs } from "./logs.ts";
import { modify } from "./modify.ts";

/** One request to the API server. */
const REQUEST = 5 * MSEC;

/** Options with a value, by all their spellings. */
const VALUED: Record<string, string> = {
  "-n": "n",
  "--namespace": "n",
  "-o": "o",
  "--output": "o",
  "-l": "l",
  "--selector": "l",
  "-c": "c",
  "--container": "c",
  "--tail": "tail",
  "--field-selector": "field-selector",
  "--since": "since",
  "--grace-period": "grace-period",
};
const FLAGS: Record<string, string> = {
  "-A": "A",
  "--all-namespaces": "A",
  "-f": "f",
  "--follow": "f",
  "-i": "i",
  "--stdin": "i",
  "-t": "t",
  "--tty": "t",
  "-q": "q",
  "--quiet": "q",
  "--overwrite": "overwrite",
  "--show-labels": "show-labels",
  "--no-headers": "no-headers",
  "--all": "all",
  "--force": "force",
  "--now": "now",
  "--wait": "wait",
};

const VERBS = ["get", "exec", "logs", "delete", "label", "annotate", "version"] as const;

function parse(p: Process, argv: readonly string[]): { verb: string; k: Kubectl } {
  const cluster = clusterOf(p.machine);
  if (!cluster)
    throw new KubectlError(
      "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
    );
  const options = new Map<string, string>();
  const args: string[] = [];
  let rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === "--") {
      rest = argv.slice(i + 1);
      break;
    }
    const [name = "", inline] = word.startsWith("--") ? word.split(/=(.*)/s) : [word];
    const valued = VALUED[name];
    if (valued) {
      const value = inline ?? argv[++i];
      if (value === undefined) throw new KubectlError(`error: flag needs an argument: ${name}`);
      options.set(valued, value);
    } else if (FLAGS[name]) options.set(FLAGS[name], inline ?? "true");
    else if (/^-[a-zA-Z]{2,}$/.test(word)) {
      const short = VALUED[word.slice(0, 2)];
      if (short) options.set(short, word.slice(2).replace(/^=/, ""));
      else
        for (const letter of word.slice(1)) {
          const flag = FLAGS[`-${letter}`];
          if (!flag)
            throw new KubectlError(
              `error: unknown shorthand flag: '${letter}' in ${word}\nSee 'kubectl --help' for usage.`,
            );
          options.set(flag, "true");
        }
    } else if (word.startsWith("--"))
      throw new KubectlError(`error: unknown flag: ${name}\nSee 'kubectl --help' for usage.`);
    else if (word.startsWith("-") && word.length > 1)
      throw new KubectlError(
        `error: unknown shorthand flag: '${word[1]}' in ${word}\nSee 'kubectl --help' for usage.`,
      );
    else args.push(word);
  }
  const selector: Record<string, string> = {};
  for (const part of (options.get("l") ?? "").split(",").filter(Boolean)) {
    const [key = "", value = ""] = part.split(/==?/);
    selector[key] = value;
  }
  const verb = args.shift() ?? "";
  const k: Kubectl = {
    p,
    cluster,
    namespace: options.get("n") ?? "default",
    allNamespaces: options.has("A"),
    output: options.get("o") ?? "",
    selector,
    showLabels: options.has("show-labels"),
    noHeaders: options.has("no-headers"),
    options,
    args,
    rest,
  };
  return { verb, k };
}

function* run(p: Process, argv: string[]): Run {
  try {
    const { verb, k } = parse(p, argv.slice(1));
    if (verb === "") {
      yield* p.out(
        "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/overview/\n\nCommands here: get, exec, logs, delete, label, annotate, version. `man kubectl` has their options.\n",
      );
      return 0;
    }
    yield* p.sleep(REQUEST);
    switch (verb) {
      case "get":
        yield* p.out(get(k));
        return 0;
      case "exec":
        return yield* exec(k);
      case "logs":
        return yield* logs(k);
      case "delete":
        return yield* remove(k);
      case "label":
        yield* p.out(modify(k, "labels"));
        return 0;
      case "annotate":
        yield* p.out(modify(k, "annotations"));
        return 0;
      case "version":
        yield* p.out(
          "Client Version: v1.24.5\nKustomize Version: v4.5.4\nServer Version: v1.24.5-gke.600\n",
        );
        return 0;
      default:
        throw new KubectlError(
          `Error: unknown command "${verb}" for "kubectl"\nRun 'kubectl --help' for usage.`,
        );
    }
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    yield* p.err(`${error.message}\n`);
    return error.status;
  }
}

function complete(p: Process, words: string[]): string[] {
  const typed = words.slice(1).filter((word) => !word.startsWith("-"));
  if (typed.length <= 1) return [...VERBS];
  const cluster = clusterOf(p.machine);
  if (!cluster) return [];
  const { store, kinds } = cluster;
  const at = words.findIndex((word) => word === "-n" || word === "--namespace");
  const namespace = at >= 0 ? (words[at + 1] ?? "default") : "default";
  if (words[words.length - 2] === "-n") return store.list("Namespace").map((o) => o.metadata.name);
  if (typed[0] === "exec" || typed[0] === "logs")
    return store.list("Pod", namespace).map((o) => o.metadata.name);
  if (typed.length === 2) return kinds.all().map((kind) => kind.plural);
  const kind = kinds.named(typed[1] ?? "");
  if (!kind) return [];
  return store
    .list<KubeObject>(kinds.keyOf(kind), kind.namespaced ? namespace : undefined)
    .map((o) => o.metadata.name);
}

const kubectl: Command = {
  name: "kubectl",
  summary: "control the Kubernetes cluster manager",
  man: `kubectl - control the Kubernetes cluster manager

SYNOPSIS
  kubectl get pods|services|nodes|namespaces|endpointslices [NAME] [-o wide|name] [-n NS | -A] [-l KEY=VALUE]
  kubectl exec [-it] POD|deploy/NAME|svc/NAME [-n NS] [-c CONTAINER] -- COMMAND [ARG]...
  kubectl logs POD|-l KEY=VALUE [-n NS] [-c CONTAINER] [-f] [--tail N]
  kubectl delete TYPE NAME|-l KEY=VALUE|--all [-n NS] [--wait=false] [--grace-period=SECONDS] [--force]
  kubectl label|annotate TYPE NAME KEY=VALUE|KEY- [--overwrite]

EXAMPLES
  kubectl get pods -A -o wide
  kubectl exec deploy/sleep -- curl -s productpage:9080/
  kubectl annotate pod NAME ambient.istio.io/redirection=disabled
`,
  run,
  complete,
};
export default kubectl;
