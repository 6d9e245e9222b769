import type { KubeObject } from "../../../../kube/api/meta.ts";

/** How bad it is; the worst first. */
export const LEVELS = ["Error", "Warning", "Info"] as const;
export type Level = (typeof LEVELS)[number];

/** A kind of message (istio: pkg/config/analysis/msg/messages.yaml). */
export interface MessageType {
  code: string;
  level: Level;
}

/** Where in a file an object stands. */
export interface Position {
  file: string;
  /** From 1. */
  line: number;
  /** Lines of its fields: "{.spec.ports[0].port}". */
  fields: ReadonlyMap<string, number>;
}

/** An object that is looked at (istio: pkg/config/resource, Instance). */
export interface Resource<T extends KubeObject = KubeObject> {
  object: T;
  /** Null for what is in the cluster. */
  position: Position | null;
}

export interface Message {
  type: MessageType;
  resource: Resource;
  text: string;
  /** Of the field that is wrong; 0 where it is not known. */
  line: number;
}

/** "default/web", or a name alone (istio: pkg/config/resource, FullName). */
export function fullName({ metadata: { name, namespace } }: KubeObject): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** "Deployment default/web" (istio: legacy/source/kube/origin.go). */
export function friendlyName({ object }: Resource): string {
  return `${object.kind} ${fullName(object)}`;
}

/** The namespace that a message belongs to: of a Namespace its own name; "" for what has none. */
export function namespaceOf({ object }: Resource): string {
  return object.kind === "Namespace" ? object.metadata.name : (object.metadata.namespace ?? "");
}

/** "x.yaml:4"; "" for what is in the cluster. Lines of JSON are not said. */
export function referenceOf({ resource: { position }, line }: Message): string {
  if (!position) return "";
  return position.file.endsWith(".json")
    ? position.file
    : `${position.file}:${line || position.line}`;
}

/** "Warning [IST0127] (AuthorizationPolicy default/x x.yaml:1) No matching…" without its first word. */
export function originOf(message: Message): string {
  const reference = referenceOf(message);
  return ` (${friendlyName(message.resource)}${reference && ` ${reference}`})`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By level, code, object, text; each once (istio: diag/messages.go, SortedDedupedCopy). */
export function sorted(messages: readonly Message[]): Message[] {
  const key = ({ object: { kind, metadata } }: Resource): string =>
    `${kind}/${metadata.name}/${metadata.namespace ?? ""}`;
  const whole = (one: Message): string => `${originOf(one)} ${one.text}`;
  const all = [...messages].sort(
    (a, b) =>
      LEVELS.indexOf(a.type.level) - LEVELS.indexOf(b.type.level) ||
      compare(a.type.code, b.type.code) ||
      compare(key(a.resource), key(b.resource)) ||
      compare(whole(a), whole(b)),
  );
  return all.filter((one, i) => {
    const before = all[i - 1];
    return !before || before.type.code !== one.type.code || whole(before) !== whole(one);
  });
}

/** What analyzers see, and where they say what they find (istio: pkg/config/analysis/local/context.go). */
export class Analysis {
  /** By the key that the store has them under; files' before the cluster's. */
  resources: ReadonlyMap<string, readonly Resource[]>;
  rootNamespace: string;
  /** Today's release, or the preview of 2022, which knew less of ambient mode. */
  today: boolean;
  messages: Message[] = [];

  constructor(
    resources: ReadonlyMap<string, readonly Resource[]>,
    rootNamespace: string,
    today: boolean,
  ) {
    this.resources = resources;
    this.rootNamespace = rootNamespace;
    this.today = today;
  }

  list<T extends KubeObject>(key: string): readonly Resource<T>[] {
    return (this.resources.get(key) ?? []) as readonly Resource<T>[];
  }

  find<T extends KubeObject>(key: string, name: string, namespace = ""): Resource<T> | null {
    const found = this.list<T>(key).find(
      ({ object: { metadata } }) =>
        metadata.name === name && (metadata.namespace ?? "") === namespace,
    );
    return found ?? null;
  }

  /** `field`: the path of what is wrong, whose line is said when the object is a file's. */
  report(type: MessageType, resource: Resource, text: string, field = ""): void {
    const line = resource.position?.fields.get(field) ?? 0;
    this.messages.push({ type, resource, text, line });
  }
}

/** An example of an analyzer's: manifests, and what it says of them. */
export interface Example {
  objects: string;
  /** "Info [IST0102] (Namespace outside) The namespace …" */
  says: readonly string[];
}

/** One thing that is looked for, complete in one file. */
export interface Analyzer {
  /** "injection.Analyzer": as `--list-analyzers` and `--analyzer` name it. */
  name: string;
  description: string;
  /** What it looks at, by the key that the store has it under. */
  inputs: readonly string[];
  /** False: the preview of 2022 had none such. */
  preview?: boolean;
  analyze(analysis: Analysis): void;
  examples: readonly Example[];
}
