import {
  type Any,
  CLUSTER,
  CLUSTER_TYPE,
  ENDPOINT,
  ENDPOINT_TYPE,
  LISTENER,
  LISTENER_TYPE,
} from "../istiod/messages.ts";
import { decodeJson } from "../proto/codec.ts";
import { digest } from "../proto/digest.ts";
import type { Cluster, ClusterLoadAssignment, Listener, TransportSocket } from "./resources.ts";

/** A resource as it came: with which push, and when (ms since 1970). */
export interface Dynamic<T> {
  version: string;
  updated: number;
  resource: T;
  /** Of its bytes on the wire: what is the same again is no update. */
  digest: string;
}

/** What istiod has configured an Envoy with. */
export class EnvoyConfig {
  listeners = new Map<string, Dynamic<Listener>>();
  clusters = new Map<string, Dynamic<Cluster>>();
  endpoints = new Map<string, Dynamic<ClusterLoadAssignment>>();
  /** Which endpoint of each cluster is next. */
  turns = new Map<string, number>();

  /** Everything of a type anew; why it cannot be taken, or "". */
  update(type: string, version: string, resources: readonly Any[], now: number): string {
    if (type === LISTENER_TYPE)
      return replace(this.listeners, LISTENER, version, resources, now, (one) => one.name);
    if (type === CLUSTER_TYPE)
      return replace(this.clusters, CLUSTER, version, resources, now, (one) => one.name);
    if (type === ENDPOINT_TYPE)
      return replace(this.endpoints, ENDPOINT, version, resources, now, (one) => one.cluster_name);
    return `Unknown type URL ${type}`;
  }

  /** Clusters whose endpoints come by discovery. */
  endpointNames(): string[] {
    return [...this.clusters.values()]
      .filter(({ resource }) => resource.type === "EDS")
      .map(({ resource }) => resource.name);
  }

  /** Secrets that its TLS contexts refer to. */
  secretNames(): Set<string> {
    const found = new Set<string>();
    const add = (socket: TransportSocket | undefined): void => {
      const { tls_certificate_sds_secret_configs: names = [] } =
        socket?.typed_config.common_tls_context ?? {};
      for (const { name } of names) found.add(name);
    };
    for (const { resource } of this.clusters.values()) add(resource.transport_socket);
    for (const { resource } of this.listeners.values())
      for (const chain of resource.filter_chains ?? []) add(chain.transport_socket);
    return found;
  }
}

function replace<T extends object>(
  held: Map<string, Dynamic<T>>,
  message: string,
  version: string,
  resources: readonly Any[],
  updated: number,
  nameOf: (resource: T) => string,
): string {
  const seen = new Set<string>();
  const known = new Map([...held.values()].map((one) => [one.digest, one]));
  for (const { value } of resources) {
    const content = digest([value]);
    const same = known.get(content);
    if (same) {
      seen.add(nameOf(same.resource));
      continue;
    }
    const resource = decodeJson<T>(message, value);
    if (!resource) return `Unable to unpack as ${message}`;
    const name = nameOf(resource);
    seen.add(name);
    held.set(name, { version, updated, resource, digest: content });
  }
  for (const name of [...held.keys()]) if (!seen.has(name)) held.delete(name);
  return "";
}

/** What a transport socket presents itself with: the name of a secret; "" where there is no TLS. */
export function secretOf(socket: TransportSocket | undefined): string {
  const context = socket?.typed_config.common_tls_context;
  return context?.tls_certificate_sds_secret_configs?.[0]?.name ?? "";
}
