import type { KubeObject } from "./api/meta.ts";
import type { Cluster } from "./cluster.ts";
import type { Schema } from "./schema.ts";
import type { NameRule } from "./server/names.ts";

/** One thing that is wrong with an object (k8s.io/apimachinery/pkg/util/validation/field). */
export interface FieldError {
  /** "spec.template.spec.containers[0].name" */
  field: string;
  /** "Required value", `Invalid value: "x": must be …`: what follows the field. */
  message: string;
}

/** What a printed row is made with. */
export interface View {
  cluster: Cluster;
  /** ms since 1970, by the virtual clock. */
  now: number;
}

/** A column of `kubectl get`. */
export interface Column<T extends KubeObject> {
  /** As in the heading: "READY". */
  name: string;
  /** Only with `-o wide`. */
  wide?: boolean;
  cell(object: T, view: View): string;
}

/**
 * A kind of object, complete in one file: how it is called, what is in it, how it is shown. A cluster
 * has its own table of them (`cluster.kinds`); `defineKind` makes one that worlds may hold.
 */
export interface Kind<T extends KubeObject = KubeObject> {
  /** "" for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  namespaced: boolean;
  /** "all": `kubectl get all` shows it. */
  categories?: readonly string[];
  schema: Schema;
  columns: readonly Column<T>[];
  /** How its names may look; "subdomain" when it is not said. */
  nameRule?: NameRule;
  /** It comes from a CustomResourceDefinition: the schema also decides what types values have. */
  custom?: boolean;
  /** False: `status` is a field like any other, not written by a controller only. */
  hasStatus?: boolean;
  /** Fill in what the API server fills in for a new object, before it validates. Changes the object. */
  defaults?(object: T, cluster: Cluster): void;
  /** The same for the next version of one that is there. */
  defaultsOnUpdate?(object: T, old: T, cluster: Cluster): void;
  /** What the schema cannot say; `old` on an update. */
  validate?(object: T, old: T | null, cluster: Cluster): FieldError[];
  /** `kubectl describe`, without its events. */
  describe?(object: T, view: View): string;
  /** False: `describe` says nothing of its events. */
  describesEvents?: boolean;
}

/** Definitions are constants: whoever remembers a world need not look into them. */
export function defineKind<T extends KubeObject>(kind: Kind<T>): Kind {
  return Object.freeze(kind) as unknown as Kind;
}

/** "apps/v1", "v1". */
export function apiVersionOf(kind: Pick<Kind, "group" | "version">): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version;
}

/** "deployments.apps", "pods": a kind in the API server's messages. */
export function resourceName(kind: Pick<Kind, "group" | "plural">): string {
  return kind.group ? `${kind.plural}.${kind.group}` : kind.plural;
}
