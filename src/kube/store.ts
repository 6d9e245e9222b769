import { MSEC, type Sim, type Wakeable } from "../sim/sim.ts";
import type { Kind, KubeObject, Meta, ObjectOf } from "./objects.ts";

/** From a write to whoever watches: the API server and a watch stream. */
const WATCH_LATENCY = MSEC;

export interface WatchEvent<K extends Kind = Kind> {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: ObjectOf<K>;
}

/** The API server's objects, with watches. */
export class Store {
  sim: Sim;
  objects = new Map<Kind, Map<string, KubeObject>>();
  watchers: { kind: Kind; who: Wakeable }[] = [];
  version = 1;

  constructor(sim: Sim) {
    this.sim = sim;
  }

  meta(name: string, namespace: string, fields: Partial<Meta> = {}): Meta {
    const hex = [...this.sim.rng("uid").bytes(16)]
      .map((b) => b.toString(16).padStart(2, "0"))
      .join("");
    return {
      name,
      namespace,
      uid: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`,
      labels: {},
      annotations: {},
      created: this.sim.now,
      deleted: null,
      version: this.version++,
      owner: "",
      ...fields,
    };
  }

  list<K extends Kind>(kind: K, namespace?: string): ObjectOf<K>[] {
    const all = [...(this.objects.get(kind)?.values() ?? [])] as ObjectOf<K>[];
    return namespace === undefined ? all : all.filter((o) => o.meta.namespace === namespace);
  }

  get<K extends Kind>(kind: K, name: string, namespace = ""): ObjectOf<K> | null {
    return (this.objects.get(kind)?.get(`${namespace}/${name}`) as ObjectOf<K>) ?? null;
  }

  put(object: KubeObject): void {
    let kind = this.objects.get(object.kind);
    if (!kind) {
      kind = new Map();
      this.objects.set(object.kind, kind);
    }
    const key = `${object.meta.namespace}/${object.meta.name}`;
    const type = kind.has(key) ? "MODIFIED" : "ADDED";
    object.meta.version = this.version++;
    kind.set(key, object);
    this.tell(type, object);
  }

  remove(object: KubeObject): void {
    this.objects.get(object.kind)?.delete(`${object.meta.namespace}/${object.meta.name}`);
    this.tell("DELETED", object);
  }

  tell(type: WatchEvent["type"], object: KubeObject): void {
    for (const { kind, who } of this.watchers)
      if (kind === object.kind) this.sim.after(WATCH_LATENCY, who, "watch", { type, object });
  }

  /** Everything of `kind` now, then every change, as `who.wake("watch", WatchEvent)`. */
  watch(kind: Kind, who: Wakeable): void {
    this.watchers.push({ kind, who });
    for (const object of this.list(kind))
      this.sim.after(WATCH_LATENCY, who, "watch", { type: "ADDED", object });
  }

  /** `who` is told no more. */
  unwatch(who: Wakeable): void {
    this.watchers = this.watchers.filter((watcher) => watcher.who !== who);
  }
}
