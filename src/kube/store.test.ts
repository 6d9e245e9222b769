import { beforeEach, describe, expect, it } from "vitest";
import { MSEC, Sim, type Wakeable } from "../sim/sim.ts";
import type { Deployment } from "./api/apps.ts";
import type { ConfigMap, Service } from "./api/core.ts";
import { type Draft, Store, type StoreError, type WatchEvent } from "./store.ts";

const MAP: Draft<ConfigMap> = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "default" },
  data: { k: "1" },
};

let sim: Sim;
let store: Store;
beforeEach(() => {
  sim = new Sim(1);
  store = new Store(sim);
});

class Witness implements Wakeable {
  seen: string[] = [];
  wake(_reason: string, arg: unknown): void {
    const { type, object } = arg as WatchEvent<ConfigMap>;
    this.seen.push(`${type} ${object.metadata.name} ${object.data?.k}`);
  }
}

describe("the store", () => {
  it("gives an object its identity, and its versions count up", () => {
    const made = store.create(MAP);
    expect(made.metadata.creationTimestamp).toBe("2022-11-21T08:00:00Z");
    expect(made.metadata.uid).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const next = store.edit(made, (o) => {
      o.data = { k: "2" };
    });
    expect(Number(next?.metadata.resourceVersion)).toBeGreaterThan(
      Number(made.metadata.resourceVersion),
    );
    expect(made.data).toEqual({ k: "1" });
  });

  it("holds what nobody can change", () => {
    const made = store.create(MAP);
    expect(() => Object.assign(made.data ?? {}, { k: "2" })).toThrow(TypeError);
  });

  it("refuses a version that is not the newest, a second of a name, one that is gone", () => {
    const made = store.create(MAP);
    store.update({ ...made, data: { k: "2" } });
    const reason = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return (error as StoreError).reason;
      }
      return "";
    };
    expect(reason(() => store.update({ ...made, data: { k: "3" } }))).toBe("Conflict");
    expect(reason(() => store.create(MAP))).toBe("AlreadyExists");
    store.remove(made);
    expect(reason(() => store.update(made))).toBe("NotFound");
  });

  it("writes nothing when nothing changes", () => {
    const made = store.create(MAP);
    expect(store.update({ ...made, data: { k: "1" } })).toBe(made);
  });

  it("counts generations of the specification only", () => {
    const made = store.create<Deployment>({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", namespace: "default" },
      spec: { replicas: 1 } as Deployment["spec"],
      status: {},
    });
    const labelled = store.edit(made, ({ metadata }) => {
      metadata.labels = { a: "b" };
    });
    const scaled = store.edit(made, ({ spec }) => {
      spec.replicas = 2;
    });
    expect([made, labelled, scaled].map((o) => o?.metadata.generation)).toEqual([1, 1, 2]);
  });

  it("tells who watches what is there and what changes, each version as it was", () => {
    const made = store.create(MAP);
    const witness = new Witness();
    store.watch("ConfigMap", witness);
    store.edit(made, (o) => {
      o.data = { k: "2" };
    });
    store.remove(made);
    expect(witness.seen).toEqual([]);
    sim.runUntil(MSEC);
    expect(witness.seen).toEqual(["ADDED a 1", "MODIFIED a 2", "DELETED a 2"]);
    store.unwatch(witness);
    store.create(MAP);
    sim.runUntil(2 * MSEC);
    expect(witness.seen).toHaveLength(3);
  });

  it("keeps kinds of one name in two groups apart", () => {
    const gateway = (apiVersion: string) =>
      store.create({ apiVersion, kind: "Gateway", metadata: { name: "g", namespace: "default" } });
    gateway("networking.istio.io/v1beta1");
    gateway("gateway.networking.k8s.io/v1");
    expect(store.list("Gateway.networking.istio.io")).toHaveLength(1);
    expect(store.list("Gateway.gateway.networking.k8s.io")).toHaveLength(1);
  });

  it("finds Services by address until they are gone", () => {
    const service = store.create<Service>({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s", namespace: "default" },
      spec: { type: "ClusterIP", clusterIP: "10.8.0.9" },
      status: { loadBalancer: {} },
    });
    expect(store.serviceAt("10.8.0.9")).toBe(service);
    store.remove(service);
    expect(store.serviceAt("10.8.0.9")).toBeNull();
  });
});
