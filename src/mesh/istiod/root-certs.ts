import { equal } from "../../base/json.ts";
import type { ConfigMap } from "../../kube/api/core.ts";
import type { KubeObject } from "../../kube/api/meta.ts";
import type { Store, WatchEvent } from "../../kube/store.ts";
import type { Wakeable } from "../../sim/sim.ts";

/** The ConfigMap, and the key in it, that pods mount to know istiod's root. */
const NAME = "istio-ca-root-cert";
const KEY = "root-cert.pem";
/** istio: pkg/kube/inject, IgnoredNamespaces */
const IGNORED = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/**
 * Keeps the root certificate in every namespace (istio:
 * pilot/pkg/serviceregistry/kube/controller/namespacecontroller.go).
 */
export class RootCertificates implements Wakeable {
  store: Store;
  pem: string;

  constructor(store: Store, pem: string) {
    this.store = store;
    this.pem = pem;
    store.watch("Namespace", this);
    store.watch("ConfigMap", this);
  }

  wake(_reason: string, event: unknown): void {
    const { object } = event as WatchEvent<KubeObject>;
    if (object.kind === "Namespace") this.write(object.metadata.name);
    else if (object.metadata.name === NAME) this.write(object.metadata.namespace ?? "");
  }

  write(namespace: string): void {
    if (IGNORED.includes(namespace)) return;
    const home = this.store.get("Namespace", namespace);
    if (!home || home.metadata.deletionTimestamp) return;
    const data = { [KEY]: this.pem };
    const known = this.store.get("ConfigMap", NAME, namespace);
    if (!known)
      this.store.create<ConfigMap>({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: NAME, namespace, labels: { "istio.io/config": "true" } },
        data,
      });
    else if (!equal(known.data, data))
      this.store.edit(known, (copy) => {
        copy.data = data;
      });
  }

  stop(): void {
    this.store.unwatch(this);
  }
}
