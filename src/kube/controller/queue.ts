import type { Timer, Wakeable } from "../../sim/sim.ts";
import type { KubeObject } from "../api/meta.ts";
import type { Cluster } from "../cluster.ts";
import type { WatchEvent } from "../store.ts";

/**
 * What controllers have in common (k8s.io/client-go: workqueue): changes put keys into a queue, each
 * key is looked at once however often it changed, and then by what is true now.
 */
export abstract class Controller implements Wakeable {
  cluster: Cluster;
  /** "namespace/name" of what is to be looked at. */
  queue = new Set<string>();
  timer: Timer | null = null;

  constructor(cluster: Cluster, kinds: readonly string[]) {
    this.cluster = cluster;
    for (const kind of kinds) cluster.store.watch(kind, this);
  }

  /** Which keys a change concerns. */
  abstract keys(event: WatchEvent): readonly string[];
  abstract reconcile(namespace: string, name: string): void;

  add(key: string): void {
    this.queue.add(key);
    this.timer ??= this.cluster.store.sim.after(0, this, "sync");
  }

  /** Look at it again later. */
  addAfter(delay: number, key: string): void {
    this.cluster.store.sim.after(delay, this, "add", key);
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "add") return this.add(arg as string);
    if (reason === "watch") {
      for (const key of this.keys(arg as WatchEvent)) this.add(key);
      return;
    }
    this.timer = null;
    const keys = [...this.queue];
    this.queue.clear();
    for (const key of keys) {
      const at = key.indexOf("/");
      this.reconcile(key.slice(0, at), key.slice(at + 1));
    }
  }
}

export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
