/**
 * What a ztunnel knows of the mesh (ztunnel: src/state.rs, src/state/workload.rs, src/state/service.rs):
 * the messages `istio.workload.Address` and `istio.security.Authorization`, kept by what they are looked
 * up by. Field names are those of its `config_dump`. IPv4 addresses are numbers in host order.
 */

export interface GatewayAddress {
  /** An address, or a service by namespace and hostname. */
  destination: { address: number } | { namespace: string; hostname: string };
  hboneMtlsPort: number;
}

export interface Workload {
  uid: string;
  workloadIps: number[];
  waypoint: GatewayAddress | null;
  /** How it is reached: through a tunnel, or as it is. */
  protocol: "HBONE" | "TCP";
  networkMode: "Standard" | "HostNetwork";
  name: string;
  namespace: string;
  trustDomain: string;
  serviceAccount: string;
  network: string;
  workloadName: string;
  workloadType: string;
  canonicalName: string;
  canonicalRevision: string;
  hostname: string;
  node: string;
  nativeTunnel: boolean;
  /** "namespace/name" of policies that select it. */
  authorizationPolicies: string[];
  status: "Healthy" | "Unhealthy";
  clusterId: string;
  capacity: number;
}

export interface Service {
  name: string;
  namespace: string;
  hostname: string;
  /** Virtual addresses of our network. */
  vips: number[];
  /** Service port to target port; 0 where the endpoint says it (a named port). */
  ports: Map<number, number>;
  /** By the workload's uid. */
  endpoints: Map<string, Endpoint>;
  waypoint: GatewayAddress | null;
  subjectAltNames: string[];
}

export interface Endpoint {
  workloadUid: string;
  /** Service port to this endpoint's. */
  port: Map<number, number>;
  status: "Healthy" | "Unhealthy";
}

/** A workload as it comes: with the ports of each service that it is an endpoint of. */
export interface WorkloadUpdate extends Workload {
  /** "namespace/hostname" to (service port to target port). */
  services: Map<string, Map<number, number>>;
}

export type StringMatch =
  | { kind: "exact" | "prefix" | "suffix"; value: string }
  | { kind: "presence" };

export interface IpBlock {
  address: number;
  length: number;
}

/** One alternative of a clause: all its fields must hold, of each field's values any. */
export interface RbacMatch {
  namespaces: StringMatch[];
  notNamespaces: StringMatch[];
  serviceAccounts: { namespace: string; serviceAccount: string }[];
  notServiceAccounts: { namespace: string; serviceAccount: string }[];
  principals: StringMatch[];
  notPrincipals: StringMatch[];
  sourceIps: IpBlock[];
  notSourceIps: IpBlock[];
  destinationIps: IpBlock[];
  notDestinationIps: IpBlock[];
  destinationPorts: number[];
  notDestinationPorts: number[];
}

export interface Authorization {
  name: string;
  namespace: string;
  scope: "Global" | "Namespace" | "WorkloadSelector";
  action: "Allow" | "Deny";
  /** Any rule, all of its clauses, any alternative of a clause. */
  rules: RbacMatch[][][];
  dryRun: boolean;
}

/** The SPIFFE identity of a workload. */
export function identityOf(w: {
  trustDomain: string;
  namespace: string;
  serviceAccount: string;
}): string {
  return `spiffe://${w.trustDomain}/ns/${w.namespace}/sa/${w.serviceAccount}`;
}

export function policyKey(policy: { namespace: string; name: string }): string {
  return `${policy.namespace}/${policy.name}`;
}

/** The stores and their indexes. */
export class ProxyState {
  /** By uid. */
  workloads = new Map<string, Workload>();
  byAddress = new Map<number, Workload>();
  /** By "namespace/hostname". */
  services = new Map<string, Service>();
  byVip = new Map<number, Service[]>();
  /** Endpoints whose service has not come: service, then workload. */
  stagedServices = new Map<string, Map<string, Endpoint>>();
  /** By "namespace/name". */
  policies = new Map<string, Authorization>();
  /** "namespace/hostname" of the services that each workload is an endpoint of. */
  memberships = new Map<string, string[]>();

  insertWorkload(update: WorkloadUpdate): void {
    this.removeWorkload(update.uid);
    const { services, ...workload } = update;
    this.workloads.set(workload.uid, workload);
    // Pods in their node's network share its address: no connection is known by it.
    if (workload.networkMode === "Standard")
      for (const ip of workload.workloadIps) this.byAddress.set(ip, workload);
    this.memberships.set(workload.uid, [...services.keys()]);
    for (const [name, port] of services) {
      const endpoint = { workloadUid: workload.uid, port, status: workload.status };
      const service = this.services.get(name);
      if (service) service.endpoints.set(workload.uid, endpoint);
      else {
        const staged = this.stagedServices.get(name) ?? new Map<string, Endpoint>();
        staged.set(workload.uid, endpoint);
        this.stagedServices.set(name, staged);
      }
    }
  }

  removeWorkload(uid: string): void {
    const workload = this.workloads.get(uid);
    if (!workload) return;
    this.workloads.delete(uid);
    for (const ip of workload.workloadIps)
      if (this.byAddress.get(ip) === workload) this.byAddress.delete(ip);
    for (const name of this.memberships.get(uid) ?? []) {
      this.services.get(name)?.endpoints.delete(uid);
      this.stagedServices.get(name)?.delete(uid);
    }
    this.memberships.delete(uid);
  }

  /** A service keeps the endpoints that it had: they come with the workloads. */
  insertService(service: Service): void {
    const key = `${service.namespace}/${service.hostname}`;
    const old = this.services.get(key);
    const endpoints = old?.endpoints ?? this.stagedServices.get(key) ?? new Map();
    this.removeService(key);
    this.stagedServices.delete(key);
    const made = { ...service, endpoints };
    this.services.set(key, made);
    for (const vip of made.vips) this.byVip.set(vip, [...(this.byVip.get(vip) ?? []), made]);
  }

  removeService(key: string): void {
    const service = this.services.get(key);
    if (!service) return;
    this.services.delete(key);
    for (const vip of service.vips) {
      const left = (this.byVip.get(vip) ?? []).filter((other) => other !== service);
      if (left.length) this.byVip.set(vip, left);
      else this.byVip.delete(vip);
    }
    if (service.endpoints.size) this.stagedServices.set(key, service.endpoints);
  }

  insertPolicy(policy: Authorization): void {
    this.policies.set(policyKey(policy), policy);
  }

  /** The service at a virtual address; of several, one of the asker's namespace. */
  serviceAt(vip: number, namespace: string): Service | null {
    const found = this.byVip.get(vip) ?? [];
    return found.find((service) => service.namespace === namespace) ?? found[0] ?? null;
  }

  serviceByHostname(hostname: string, namespace: string): Service | null {
    const named = [...this.services.values()].filter((s) => s.hostname === hostname);
    return named.find((service) => service.namespace === namespace) ?? named[0] ?? null;
  }

  /** Services that a workload is an endpoint of. */
  servicesOf(workload: Workload): Service[] {
    return (this.memberships.get(workload.uid) ?? [])
      .map((name) => this.services.get(name))
      .filter((service): service is Service => service !== undefined);
  }
}
