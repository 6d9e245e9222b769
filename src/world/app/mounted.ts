import type { Machine } from "../../host/machine.ts";
import type { ConfigMap } from "../../kube/api/core.ts";
import type { Pod } from "../../kube/api/pod.ts";
import type { Store } from "../../kube/store.ts";
import type { Wakeable } from "../../sim/sim.ts";

/** A file of a ConfigMap that a pod mounts; "" while there is none. */
export function mountedText(store: Store, pod: Pod, key: string): string {
  for (const { configMap } of pod.spec.volumes ?? []) {
    const name = (configMap as { name?: string } | undefined)?.name ?? "";
    const found: ConfigMap | null = store.get("ConfigMap", name, pod.metadata.namespace);
    if (found?.data?.[key] !== undefined) return found.data[key];
  }
  return "";
}

/** The same as a file of the pod's, which the kubelet keeps as the object is. */
export class MountedFile implements Wakeable {
  machine: Machine;
  store: Store;
  pod: Pod;
  key: string;
  path: string;

  constructor(machine: Machine, store: Store, pod: Pod, key: string, path: string) {
    this.machine = machine;
    this.store = store;
    this.pod = pod;
    this.key = key;
    this.path = path;
    machine.fs.mkdirp(path.replace(/\/[^/]*$/, ""));
    this.wake();
    store.watch("ConfigMap", this);
  }

  wake(): void {
    this.machine.fs.writeFile(this.path, mountedText(this.store, this.pod, this.key));
  }

  stop(): void {
    this.store.unwatch(this);
  }
}
