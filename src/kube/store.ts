import { clone, equal, freeze } from "../base/json.ts";
import { MSEC, type Sim, type Wakeable } from "../sim/sim.ts";
import type { Service } from "./api/core.ts";
import type { KubeObject, ObjectMeta } from "./api/meta.ts";
import type { Pod } from "./api/pod.ts";
import { groupOf, type KnownKinds, kindKey } from "./objects.ts";

/** From a write to whoever watches: the API server and a watch stream. */
const WATCH_LATENCY = MSEC;

/** What generated names end in: no vowels, nothing mistaken (k8s.io/apimachinery/pkg/util/rand). */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

export interface WatchEvent<T extends KubeObject = KubeObject> {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: T;
}

/** An object that is about to be made: the store gives it its identity. */
export type Draft<T extends KubeObject> = Omit<T, "metadata"> & {
  metadata: Partial<ObjectMeta> & Pick<ObjectMeta, "name">;
};

/** Somebody else was faster, or it is not there: nothing was changed. */
export class StoreError extends Error {
  reason: "AlreadyExists" | "NotFound" | "Conflict";
  constructor(reason: StoreError["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * The API server's objects, with watches. What it holds is frozen: a change is a new version of the
 * object (`update`, `edit`), and who has the old one still has it as it was.
 */
export class Store {
  sim: Sim;
  /** By kind (see kindKey), then by "namespace/name". */
  objects = new Map<string, Map<string, KubeObject>>();
  watchers: { kind: string; who: Wakeable }[] = [];
  version = 1;
  /** What `list` answers, until the next write of that kind. */
  lists = new Map<string, readonly KubeObject[]>();
  /** Pods with a network of their own, by address. */
  podsByIp = new Map<string, Pod>();
  servicesByIp = new Map<string, Service>();

  constructor(sim: Sim) {
    this.sim = sim;
  }

  /** The time that objects are stamped with: RFC 3339, whole seconds. */
  get timestamp(): string {
    const ms = this.sim.epoch + Math.floor(this.sim.now / 1e6);
    return `${new Date(ms).toISOString().slice(0, 19)}Z`;
  }

  uid(): string {
    const hex = [...this.sim.rng("uid").bytes(16)]
      .map((b) => b.toString(16).padStart(2, "0"))
      .join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** The end of a generated name: five characters. */
  nameSuffix(): string {
    const rng = this.sim.rng("names");
    return Array.from({ length: 5 }, () => ALPHABET[rng.below(ALPHABET.length)]).join("");
  }

  /** Every object of a kind, in the order in which they were made. */
  list<K extends keyof KnownKinds>(kind: K, namespace?: string): readonly KnownKinds[K][];
  list<T extends KubeObject>(kind: string, namespace?: string): readonly T[];
  list(kind: string, namespace?: string): readonly KubeObject[] {
    let all = this.lists.get(kind);
    if (!all) {
      all = Object.freeze([...(this.objects.get(kind)?.values() ?? [])]);
      this.lists.set(kind, all);
    }
    return namespace === undefined ? all : all.filter((o) => o.metadata.namespace === namespace);
  }

  get<K extends keyof KnownKinds>(kind: K, name: string, namespace?: string): KnownKinds[K] | null;
  get<T extends KubeObject>(kind: string, name: string, namespace?: string): T | null;
  get(kind: string, name: string, namespace = ""): KubeObject | null {
    return this.objects.get(kind)?.get(`${namespace}/${name}`) ?? null;
  }

  /** The newest version of an object; null when it is gone, or another has its name. */
  current<T extends KubeObject>(object: T): T | null {
    const { name, namespace = "", uid } = object.metadata;
    const found = this.get<T>(kindKey(object.apiVersion, object.kind), name, namespace);
    return found?.metadata.uid === uid ? found : null;
  }

  podAt(ip: string): Pod | null {
    return this.podsByIp.get(ip) ?? null;
  }

  serviceAt(ip: string): Service | null {
    return this.servicesByIp.get(ip) ?? null;
  }

  /** Throws StoreError AlreadyExists. */
  create<T extends KubeObject>(draft: Draft<T>): T {
    const key = kindKey(draft.apiVersion, draft.kind);
    const { name, namespace = "" } = draft.metadata;
    if (this.get(key, name, namespace)) throw new StoreError("AlreadyExists");
    const object = clone(draft) as unknown as T;
    object.metadata = {
      ...clone(draft.metadata),
      uid: this.uid(),
      resourceVersion: String(this.version++),
      creationTimestamp: this.timestamp,
    };
    if (groupOf(draft.apiVersion) !== "") object.metadata.generation = 1;
    return this.write("ADDED", object);
  }

  /**
   * The next version of an object, made from the one that it names by its resourceVersion. Throws
   * StoreError NotFound, or Conflict when that is not the newest. What changes nothing writes nothing.
   */
  update<T extends KubeObject>(object: T): T {
    const old = this.current(object);
    if (!old) throw new StoreError("NotFound");
    if (object.metadata.resourceVersion !== old.metadata.resourceVersion)
      throw new StoreError("Conflict");
    if (equal(object, old)) return old;
    const next = clone(object);
    if (next.metadata.generation !== undefined && !equal(next.spec, old.spec))
      next.metadata.generation = (old.metadata.generation ?? 0) + 1;
    next.metadata.resourceVersion = String(this.version++);
    return this.write("MODIFIED", next);
  }

  /** Change the newest version of an object; null when it is gone. */
  edit<T extends KubeObject>(object: T, change: (copy: T) => void): T | null {
    const current = this.current(object);
    if (!current) return null;
    const copy = clone(current);
    change(copy);
    return this.update(copy);
  }

  remove(object: KubeObject): void {
    const current = this.current(object);
    if (!current) return;
    const key = kindKey(object.apiVersion, object.kind);
    const { name, namespace = "" } = object.metadata;
    this.objects.get(key)?.delete(`${namespace}/${name}`);
    this.lists.delete(key);
    this.index(current, null);
    const last = clone(current);
    last.metadata.resourceVersion = String(this.version++);
    this.tell("DELETED", key, freeze(last));
  }

  write<T extends KubeObject>(type: "ADDED" | "MODIFIED", object: T): T {
    const key = kindKey(object.apiVersion, object.kind);
    let kind = this.objects.get(key);
    if (!kind) {
      kind = new Map();
      this.objects.set(key, kind);
    }
    const { name, namespace = "" } = object.metadata;
    const at = `${namespace}/${name}`;
    this.index(kind.get(at) ?? null, freeze(object));
    kind.set(at, object);
    this.lists.delete(key);
    this.tell(type, key, object);
    return object;
  }

  index(old: KubeObject | null, object: KubeObject | null): void {
    const pod = (o: KubeObject | null): Pod | null =>
      o?.kind === "Pod" && !(o as Pod).spec.hostNetwork ? (o as Pod) : null;
    const service = (o: KubeObject | null): Service | null =>
      o?.kind === "Service" && o.apiVersion === "v1" ? (o as Service) : null;
    const replace = <T extends KubeObject>(map: Map<string, T>, o: T | null, ip = ""): void => {
      if (o && ip) map.set(ip, o);
    };
    const clear = <T extends KubeObject>(map: Map<string, T>, ip = "", uid = ""): void => {
      if (map.get(ip)?.metadata.uid === uid) map.delete(ip);
    };
    clear(this.podsByIp, pod(old)?.status.podIP, old?.metadata.uid);
    clear(this.servicesByIp, service(old)?.spec.clusterIP, old?.metadata.uid);
    const added = pod(object);
    // Who has ended has no address any more, though the object says which it was.
    const live = added?.status.phase === "Pending" || added?.status.phase === "Running";
    if (live) replace(this.podsByIp, added, added?.status.podIP);
    const ip = service(object)?.spec.clusterIP;
    if (ip !== "None") replace(this.servicesByIp, service(object), ip);
  }

  tell(type: WatchEvent["type"], key: string, object: KubeObject): void {
    for (const { kind, who } of this.watchers)
      if (kind === key) this.sim.after(WATCH_LATENCY, who, "watch", { type, object });
  }

  /** Everything of `kind` now, then every change, as `who.wake("watch", WatchEvent)`. */
  watch(kind: string, who: Wakeable): void {
    this.watchers.push({ kind, who });
    for (const object of this.list(kind))
      this.sim.after(WATCH_LATENCY, who, "watch", { type: "ADDED", object });
  }

  /** `who` is told no more. */
  unwatch(who: Wakeable): void {
    this.watchers = this.watchers.filter((watcher) => watcher.who !== who);
  }
}
