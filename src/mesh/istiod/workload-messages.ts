/*
 * istio.workload and istio.security (istio: pkg/workloadapi), as plain fields: what ztunnels are told.
 * Numbers of enumerations are those of the .proto files.
 */

export const TunnelProtocol = { NONE: 0, HBONE: 1, LEGACY_ISTIO_MTLS: 2 } as const;
export const WorkloadStatus = { HEALTHY: 0, UNHEALTHY: 1 } as const;
export const WorkloadType = { DEPLOYMENT: 0, CRONJOB: 1, POD: 2, JOB: 3 } as const;
export const NetworkMode = { STANDARD: 0, HOST_NETWORK: 1 } as const;
export const AppProtocol = { UNKNOWN: 0, HTTP11: 1, HTTP2: 2, GRPC: 3, TCP: 4, TLS: 5 } as const;
export const IPFamilies = { AUTOMATIC: 0, IPV4_ONLY: 1, IPV6_ONLY: 2, DUAL: 3 } as const;
export const Scope = { GLOBAL: 0, NAMESPACE: 1, WORKLOAD_SELECTOR: 2 } as const;
export const Action = { ALLOW: 0, DENY: 1 } as const;

export interface NetworkAddress {
  network: string;
  address: Uint8Array;
  length?: number;
}

export interface NamespacedHostname {
  namespace: string;
  hostname: string;
}

export interface GatewayAddress {
  destination:
    | { case: "hostname"; value: NamespacedHostname }
    | { case: "address"; value: NetworkAddress }
    | { case: undefined; value?: undefined };
  hboneMtlsPort: number;
}

export interface Port {
  servicePort: number;
  targetPort: number;
  appProtocol: number;
}

export interface PortList {
  ports: Port[];
}

export interface LoadBalancing {
  routingPreference: number[];
  mode: number;
  healthPolicy: number;
}

export interface Service {
  name: string;
  namespace: string;
  hostname: string;
  addresses: NetworkAddress[];
  ports: Port[];
  subjectAltNames: string[];
  waypoint?: GatewayAddress;
  loadBalancing?: LoadBalancing;
  ipFamilies: number;
  canonical: boolean;
}

export interface ApplicationTunnel {
  protocol: number;
  port: number;
}

export interface Locality {
  region: string;
  zone: string;
  subzone: string;
}

export interface Workload {
  /** "Kubernetes//Pod/NAMESPACE/NAME" */
  uid: string;
  name: string;
  namespace: string;
  addresses: Uint8Array[];
  hostname: string;
  network: string;
  tunnelProtocol: number;
  /** "" for cluster.local. */
  trustDomain: string;
  serviceAccount: string;
  waypoint?: GatewayAddress;
  networkGateway?: GatewayAddress;
  node: string;
  canonicalName: string;
  canonicalRevision: string;
  workloadType: number;
  workloadName: string;
  nativeTunnel: boolean;
  applicationTunnel?: ApplicationTunnel;
  /** By "namespace/hostname". */
  services: { [name: string]: PortList };
  /** "namespace/name" */
  authorizationPolicies: string[];
  status: number;
  clusterId: string;
  locality?: Locality;
  networkMode: number;
  capacity?: number;
}

export interface Address {
  type:
    | { case: "workload"; value: Workload }
    | { case: "service"; value: Service }
    | { case: undefined; value?: undefined };
}

export interface StringMatch {
  matchType:
    | { case: "exact" | "prefix" | "suffix"; value: string }
    | { case: "presence"; value: object }
    | { case: undefined; value?: undefined };
}

export interface ServiceAccountMatch {
  namespace: string;
  serviceAccount: string;
}

/** An address block: istio.security.Address. */
export interface AddressBlock {
  address: Uint8Array;
  length: number;
}

export interface Match {
  namespaces: StringMatch[];
  notNamespaces: StringMatch[];
  serviceAccounts: ServiceAccountMatch[];
  notServiceAccounts: ServiceAccountMatch[];
  principals: StringMatch[];
  notPrincipals: StringMatch[];
  sourceIps: AddressBlock[];
  notSourceIps: AddressBlock[];
  destinationIps: AddressBlock[];
  notDestinationIps: AddressBlock[];
  destinationPorts: number[];
  notDestinationPorts: number[];
}

/** Matches of which one must match. */
export interface Clause {
  matches: Match[];
}

/** Clauses that all must match. */
export interface Rule {
  clauses: Clause[];
}

export interface Authorization {
  name: string;
  namespace: string;
  scope: number;
  action: number;
  rules: Rule[];
  dryRun: boolean;
}
