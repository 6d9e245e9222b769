import { apiVersionOf, type Kind } from "./kind.ts";
import { kindOfDefinition } from "./kind-registry.ts";
import { groupOf, kindKey } from "./objects.ts";
import type { Store } from "./store.ts";

/** The kinds of a cluster: those it was made with, and what CustomResourceDefinitions add. */
export class KindTable {
  store: Store;
  own: Kind[] = [];

  constructor(store: Store) {
    this.store = store;
  }

  /** Make kinds known. One that is there already (same group and name) is replaced. */
  add(...kinds: readonly Kind[]): void {
    for (const kind of kinds) {
      this.own = this.own.filter((k) => k.group !== kind.group || k.kind !== kind.kind);
      this.own.push(kind);
    }
  }

  /** Definitions come and go: what they make is made anew each time, and kept by nobody. */
  all(): readonly Kind[] {
    const custom = this.store
      .list("CustomResourceDefinition")
      .filter(
        ({ spec }) => !this.own.some((k) => k.group === spec.group && k.kind === spec.names.kind),
      )
      .flatMap((definition) => kindOfDefinition(definition) ?? []);
    return [...this.own, ...custom];
  }

  /** "po", "Pods", "deployments.apps", "deployments.v1.apps": as people name them. */
  named(text: string): Kind | null {
    const name = text.toLowerCase();
    const dot = name.indexOf(".");
    const bare = dot < 0 ? name : name.slice(0, dot);
    const rest = dot < 0 ? "" : name.slice(dot + 1);
    const fits = (kind: Kind): boolean =>
      (kind.plural === bare ||
        kind.singular === bare ||
        kind.kind.toLowerCase() === bare ||
        kind.shortNames.includes(bare)) &&
      (rest === "" || kind.group.startsWith(rest) || rest === `${kind.version}.${kind.group}`);
    return this.all().find(fits) ?? null;
  }

  of(apiVersion: string, kind: string): Kind | null {
    return this.all().find((k) => k.kind === kind && apiVersionOf(k) === apiVersion) ?? null;
  }

  /** What the store has a kind's objects under. */
  keyOf(kind: Kind): string {
    return kindKey(apiVersionOf(kind), kind.kind);
  }

  /** Is there any kind of this group? */
  hasGroup(apiVersion: string): boolean {
    return this.all().some((kind) => kind.group === groupOf(apiVersion));
  }
}
