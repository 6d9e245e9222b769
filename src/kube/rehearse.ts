import { Rng } from "../base/rng.ts";
import type { Cluster } from "./cluster.ts";

function shallow<T extends object>(object: T): T {
  return Object.assign(Object.create(Object.getPrototypeOf(object)), object);
}

/**
 * The cluster as its API server sees it, to be thrown away: objects can be made and changed in it,
 * nobody watches, and the real one, its chance included, stays as it is.
 */
export function rehearsalOf(cluster: Cluster): Cluster {
  const { store } = cluster;
  const sim = shallow(store.sim);
  sim.streams = new Map(
    [...sim.streams].map(([name, rng]) => [name, Object.assign(new Rng(0, ""), rng)]),
  );
  const copy = shallow(cluster);
  copy.store = Object.assign(shallow(store), {
    sim,
    objects: new Map([...store.objects].map(([kind, objects]) => [kind, new Map(objects)])),
    watchers: [],
    lists: new Map(store.lists),
    podsByIp: new Map(store.podsByIp),
    servicesByIp: new Map(store.servicesByIp),
  });
  copy.kinds = Object.assign(shallow(cluster.kinds), { store: copy.store });
  return copy;
}
