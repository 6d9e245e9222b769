import type { Process, Run } from "../../../host/process.ts";
import type { KubeObject } from "../../../kube/api/meta.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { type Kind, resourceName, type View } from "../../../kube/kind.ts";
import { FieldQuery, LabelQuery, SelectorError } from "../../../kube/selector.ts";
import { ApiServer } from "../../../kube/server/server.ts";
import { KubectlError } from "./error.ts";
import type { Flags, Parsed } from "./flags.ts";

/** What kubectl is asked to do: one file each under verb/, named in verbs.ts. */
export interface Verb {
  /** "get", "rollout status". */
  name: string;
  summary: string;
  /** A few lines: how it is called. */
  usage: string;
  flags: Flags;
  /** False: what follows the first argument is not ours (`exec`). */
  interspersed?: boolean;
  run(k: Kubectl): Run;
}

/** What a kubectl command works with. */
export class Kubectl {
  p: Process;
  cluster: Cluster;
  server: ApiServer;
  verb: string;
  options: Map<string, string[]>;
  args: string[];
  /** After `--`. */
  rest: string[];

  constructor(p: Process, cluster: Cluster, verb: string, { options, args, rest }: Parsed) {
    this.p = p;
    this.cluster = cluster;
    this.server = new ApiServer(cluster);
    this.verb = verb;
    this.options = options;
    this.args = args;
    this.rest = rest;
  }

  /** The last value of an option. */
  option(name: string): string | undefined {
    return this.options.get(name)?.at(-1);
  }

  /** Is a switch on? */
  has(name: string): boolean {
    return /^(1|t|true)$/i.test(this.option(name) ?? "");
  }

  get namespace(): string {
    return this.option("namespace") || "default";
  }

  get output(): string {
    return this.option("output") ?? "";
  }

  get view(): View {
    return { cluster: this.cluster, now: this.p.sim.epoch + this.p.sim.now / 1e6 };
  }

  get labels(): LabelQuery {
    return this.query(() => new LabelQuery(this.option("selector") ?? ""));
  }

  get fields(): FieldQuery {
    return this.query(() => new FieldQuery(this.option("field-selector") ?? ""));
  }

  query<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (error instanceof SelectorError) throw new KubectlError(`error: ${error.message}`);
      throw error;
    }
  }

  get dryRun(): "none" | "client" | "server" {
    const text = this.option("dry-run");
    switch (text) {
      case undefined:
      case "none":
        return "none";
      case "client":
      case "server":
        return text;
      case "unchanged":
      case "true":
        return "client";
      case "false":
        return "none";
      default:
        throw new KubectlError(
          `error: Invalid dry-run value (${text}). Must be "none", "server", or "client".`,
        );
    }
  }

  /** What stands after what was done: "created (dry run)". */
  get suffix(): string {
    const { dryRun } = this;
    return dryRun === "none" ? "" : dryRun === "client" ? " (dry run)" : " (server dry run)";
  }

  kind(name: string): Kind {
    const found = this.cluster.kinds.named(name);
    if (!found) throw new KubectlError(`error: the server doesn't have a resource type "${name}"`);
    return found;
  }

  /** All of a kind that the options select, in the order in which they are shown. */
  matching(kind: Kind): KubeObject[] {
    const { labels, fields } = this;
    const wrong = fields.unsupported(kind.kind);
    if (wrong !== null)
      throw new KubectlError(
        `Error from server (BadRequest): Unable to find "${resourceName(kind)}" that match label selector "", field selector "${this.option("field-selector")}": field label not supported: ${wrong}`,
      );
    const namespace = kind.namespaced && !this.has("all-namespaces") ? this.namespace : undefined;
    const key = (o: KubeObject): string => `${o.metadata.namespace ?? ""}/${o.metadata.name}`;
    return this.cluster.store
      .list<KubeObject>(this.cluster.kinds.keyOf(kind), namespace)
      .filter((o) => labels.matches(o) && fields.matches(o))
      .sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }
}

/** "pod", "deployment.apps": a kind before one object's name. */
export function shortOf(kind: Kind): string {
  return kind.group ? `${kind.singular}.${kind.group}` : kind.singular;
}
