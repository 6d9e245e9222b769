import { equal } from "../../base/json.ts";
import type { Timer, Wakeable } from "../../sim/sim.ts";
import type { EndpointAddress, Endpoints, Service, ServicePort } from "../api/core.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "../api/discovery.ts";
import type { Pod } from "../api/pod.ts";
import { SERVICE_NAME } from "../labels.ts";
import { podReady, selects, serviceOf } from "../objects.ts";
import type { Store } from "../store.ts";

/** The number of a pod's port that the Service means; null when the pod has none of that name. */
function targetPort(pod: Pod, port: ServicePort): number | null {
  if (typeof port.targetPort === "number") return port.targetPort;
  const named = pod.spec.containers
    .flatMap((container) => container.ports ?? [])
    .find((p) => p.name === port.targetPort && (p.protocol ?? "TCP") === port.protocol);
  return named?.containerPort ?? null;
}

/**
 * Keeps EndpointSlices and Endpoints for each Service with a selector (kubernetes: the endpointslice
 * and endpoints controllers). Pods for which a port's name means different numbers get slices of their own.
 */
export class EndpointsController implements Wakeable {
  store: Store;
  timer: Timer | null = null;

  constructor(store: Store) {
    this.store = store;
    store.watch("Pod", this);
    store.watch("Service", this);
    store.watch("EndpointSlice", this);
  }

  /** Several changes at once are looked at once. */
  wake(reason: string): void {
    if (reason === "watch") {
      this.timer ??= this.store.sim.after(0, this, "sync");
      return;
    }
    this.timer = null;
    const services = this.store.list("Service");
    for (const service of services) if (service.spec.selector) this.reconcile(service);
    const there = new Set(services.map((s) => `${s.metadata.namespace}/${s.metadata.name}`));
    for (const slice of this.store.list("EndpointSlice"))
      if (
        slice.metadata.ownerReferences &&
        !there.has(`${slice.metadata.namespace}/${serviceOf(slice)}`)
      )
        this.store.remove(slice);
    for (const one of this.store.list("Endpoints"))
      if (!there.has(`${one.metadata.namespace}/${one.metadata.name}`)) this.store.remove(one);
  }

  reconcile(service: Service): void {
    const { namespace = "", name } = service.metadata;
    const pods = this.store
      .list("Pod", namespace)
      .filter(
        (pod) =>
          pod.status.podIP !== undefined &&
          (pod.status.phase === "Pending" || pod.status.phase === "Running") &&
          selects(service.spec.selector, pod.metadata.labels),
      );
    const groups = new Map<string, { ports: EndpointPort[]; pods: Pod[] }>();
    for (const pod of pods) {
      const ports = (service.spec.ports ?? []).flatMap((port): EndpointPort[] => {
        const number = targetPort(pod, port);
        return number === null
          ? []
          : [{ name: port.name ?? "", port: number, protocol: port.protocol }];
      });
      const key = JSON.stringify(ports);
      const group = groups.get(key);
      if (group) group.pods.push(pod);
      else groups.set(key, { ports, pods: [pod] });
    }
    const wanted = [...groups.values()];
    if (wanted.length === 0) wanted.push({ ports: [], pods: [] });
    const old = this.store
      .list("EndpointSlice", namespace)
      .filter((slice) => serviceOf(slice) === name && slice.metadata.ownerReferences);
    // A slice whose ports stay is kept: that is what kube-proxies have the fewest changes by.
    const free = [...old];
    for (const { ports, pods: members } of wanted) {
      const at = free.findIndex((slice) => equal(slice.ports, ports));
      const [kept] = at >= 0 ? free.splice(at, 1) : free.splice(0, 1);
      this.write(service, kept ?? null, ports, members.map(endpointOf));
    }
    for (const slice of free) this.store.remove(slice);
    this.writeEndpoints(service, wanted);
  }

  write(
    service: Service,
    old: EndpointSlice | null,
    ports: EndpointPort[],
    endpoints: Endpoint[],
  ): void {
    if (old) {
      this.store.edit(old, (slice) => {
        slice.ports = ports;
        slice.endpoints = endpoints;
      });
      return;
    }
    const { name, namespace = "", uid, labels } = service.metadata;
    this.store.create<EndpointSlice>({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-${this.store.nameSuffix()}`,
        generateName: `${name}-`,
        namespace,
        labels: {
          ...labels,
          "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
          [SERVICE_NAME]: name,
        },
        ownerReferences: [
          {
            apiVersion: "v1",
            kind: "Service",
            name,
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      addressType: "IPv4",
      endpoints,
      ports,
    });
  }

  writeEndpoints(service: Service, groups: { ports: EndpointPort[]; pods: Pod[] }[]): void {
    const { name, namespace = "", labels } = service.metadata;
    const subsets = groups.flatMap(({ ports, pods }): NonNullable<Endpoints["subsets"]> => {
      const live = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
      if (live.length === 0) return [];
      const addresses = live.filter(podReady).map(addressOf);
      const notReadyAddresses = live.filter((pod) => !podReady(pod)).map(addressOf);
      return [
        {
          ...(addresses.length ? { addresses } : {}),
          ...(notReadyAddresses.length ? { notReadyAddresses } : {}),
          ports: ports.map(({ name: port, ...rest }) => (port ? { name: port, ...rest } : rest)),
        },
      ];
    });
    const old = this.store.get("Endpoints", name, namespace);
    const change = (endpoints: Pick<Endpoints, "subsets">): void => {
      if (subsets.length) endpoints.subsets = subsets;
      else delete endpoints.subsets;
    };
    if (old) this.store.edit(old, change);
    else
      this.store.create<Endpoints>({
        apiVersion: "v1",
        kind: "Endpoints",
        metadata: { name, namespace, ...(labels ? { labels: { ...labels } } : {}) },
        ...(subsets.length ? { subsets } : {}),
      });
  }
}

function endpointOf(pod: Pod): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving =
    pod.status.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
  return {
    addresses: [pod.status.podIP ?? ""],
    conditions: { ready: serving && !terminating, serving, terminating },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: targetRef(pod),
  };
}

function addressOf(pod: Pod): EndpointAddress {
  return {
    ip: pod.status.podIP ?? "",
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: targetRef(pod),
  };
}

function targetRef(pod: Pod): { kind: string; name: string; namespace: string; uid: string } {
  const { name, namespace = "", uid } = pod.metadata;
  return { kind: "Pod", name, namespace, uid };
}
