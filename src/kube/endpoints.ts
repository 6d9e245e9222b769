import type { Wakeable } from "../sim/sim.ts";
import { type EndpointSlice, podReady, type Service, selects } from "./objects.ts";
import type { Store } from "./store.ts";

/** Keeps an EndpointSlice for each Service with a selector (kubernetes: endpointslice controller). */
export class EndpointsController implements Wakeable {
  store: Store;

  constructor(store: Store) {
    this.store = store;
    store.watch("Pod", this);
    store.watch("Service", this);
    store.watch("EndpointSlice", this);
  }

  wake(): void {
    for (const service of this.store.list("Service")) this.reconcile(service);
    for (const slice of this.store.list("EndpointSlice"))
      if (!this.store.get("Service", slice.service, slice.meta.namespace)) this.store.remove(slice);
  }

  reconcile(service: Service): void {
    const { name, namespace } = service.meta;
    const endpoints = this.store
      .list("Pod", namespace)
      .filter(
        (pod) =>
          pod.ip !== "" && pod.meta.deleted === null && selects(service.selector, pod.meta.labels),
      )
      .map((pod) => ({ ip: pod.ip, node: pod.node, pod: pod.meta.name, ready: podReady(pod) }));
    const old = this.store.list("EndpointSlice", namespace).find((slice) => slice.service === name);
    const same =
      old &&
      JSON.stringify(old.endpoints) === JSON.stringify(endpoints) &&
      JSON.stringify(old.ports) === JSON.stringify(service.ports);
    if (same) return;
    const suffix = this.store.sim.rng("names").u32().toString(36).slice(0, 5).padEnd(5, "x");
    const slice: EndpointSlice = {
      kind: "EndpointSlice",
      meta:
        old?.meta ?? this.store.meta(`${name}-${suffix}`, namespace, { owner: `Service/${name}` }),
      service: name,
      ports: service.ports,
      endpoints,
    };
    this.store.put(slice);
  }
}
