import { encode, pack } from "../proto/codec.ts";
import { digest } from "../proto/digest.ts";
import { buildClusters, buildEndpoints } from "./ambientgen/clusters.ts";
import type { Json } from "./ambientgen/common.ts";
import { AmbientIndex } from "./ambientgen/index-of.ts";
import { buildListeners } from "./ambientgen/listeners.ts";
import type { XdsCache } from "./cache.ts";
import {
  ADDRESS,
  ADDRESS_TYPE,
  type Any,
  AUTHORIZATION,
  AUTHORIZATION_TYPE,
  CLUSTER,
  CLUSTER_TYPE,
  ENDPOINT,
  ENDPOINT_TYPE,
  LISTENER,
  LISTENER_TYPE,
} from "./messages.ts";
import type { AuthorizationPolicy } from "./policy/objects.ts";
import type { Snapshot } from "./registry.ts";
import type { Authorization } from "./workload-messages.ts";
import { serviceMessage, workloadMessage } from "./workloads.ts";

/** A resource of delta xDS: its content and a version that changes with it. */
export interface Versioned {
  version: string;
  resource: Any;
}

/** Policies, and which of them a workload names by itself (policy.ts makes them). */
export interface Policies {
  all: readonly Authorization[];
  of(namespace: string, labels: Record<string, string>): string[];
  objectsFor(namespace: string, labels: Record<string, string>): AuthorizationPolicy[];
}

/**
 * The cluster as it is pushed, until something changes (istio: pilot/pkg/model, PushContext):
 * resources are made when somebody asks, once.
 */
export class PushContext {
  /** "2022-11-21T08:00:00Z/3" */
  version: string;
  snapshot: Snapshot;
  policies: Policies;
  trustDomain: string;
  cache: XdsCache;
  index: AmbientIndex | null = null;
  /** What was made for a node, by type and node. */
  made = new Map<string, Any[]>();
  deltas = new Map<string, Map<string, Versioned>>();

  constructor(
    version: string,
    snapshot: Snapshot,
    policies: Policies,
    trustDomain: string,
    cache: XdsCache,
  ) {
    this.version = version;
    this.snapshot = snapshot;
    this.policies = policies;
    this.trustDomain = trustDomain;
    this.cache = cache;
  }

  ambient(): AmbientIndex {
    this.index ??= new AmbientIndex(this.snapshot);
    return this.index;
  }

  /** For the Envoys of 2022: everything of a type; null for types that we do not make. */
  envoy(type: string, node: string, names: readonly string[]): Any[] | null {
    const { trustDomain } = this;
    if (type === CLUSTER_TYPE)
      return this.once(type, CLUSTER, node, () => buildClusters(this.ambient(), node, trustDomain));
    if (type === LISTENER_TYPE)
      return this.once(type, LISTENER, node, () =>
        buildListeners(this.ambient(), this.policies, node, trustDomain),
      );
    if (type !== ENDPOINT_TYPE) return null;
    return names.flatMap((name) =>
      this.once(`${type} ${name}`, ENDPOINT, node, () => {
        const found = buildEndpoints(this.ambient(), node, name);
        return found ? [found] : [];
      }),
    );
  }

  once(type: string, message: string, node: string, make: () => Json[]): Any[] {
    const key = `${type} ${node}`;
    let found = this.made.get(key);
    if (!found) {
      const url = `type.googleapis.com/${message}`;
      found = make().map((json) => ({ typeUrl: url, value: this.cache.encode(message, json) }));
      this.made.set(key, found);
    }
    return found;
  }

  /** For today's ztunnels: everything of a type by name; null for types that we do not make. */
  delta(type: string): Map<string, Versioned> | null {
    let found = this.deltas.get(type);
    if (!found) {
      if (type === ADDRESS_TYPE) found = this.addresses();
      else if (type === AUTHORIZATION_TYPE) found = this.authorizations();
      else return null;
      this.deltas.set(type, found);
    }
    return found;
  }

  addresses(): Map<string, Versioned> {
    const found = new Map<string, Versioned>();
    const add = (name: string, which: "workload" | "service", value: object): void => {
      const bytes = encode(ADDRESS, { type: { case: which, value } });
      found.set(name, {
        version: digest([bytes]),
        resource: { typeUrl: ADDRESS_TYPE, value: bytes },
      });
    };
    for (const workload of this.snapshot.workloads) {
      const policies = this.policies.of(workload.namespace, workload.labels);
      const message = workloadMessage(workload, this.snapshot, policies, this.trustDomain);
      add(message.uid, "workload", message);
    }
    for (const service of this.snapshot.services)
      add(`${service.namespace}/${service.hostname}`, "service", serviceMessage(service));
    return found;
  }

  authorizations(): Map<string, Versioned> {
    return new Map(
      this.policies.all.map((policy) => {
        const resource = pack(AUTHORIZATION, policy);
        return [`${policy.namespace}/${policy.name}`, { version: "", resource }];
      }),
    );
  }
}
