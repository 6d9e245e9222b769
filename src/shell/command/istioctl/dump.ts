/** What a ztunnel's `/config_dump` holds, as far as it is printed (istioctl: configdump/api.go). */
export interface ZtunnelDump {
  workloads: DumpedWorkload[];
  services: DumpedService[];
  policies: { name: string; namespace: string; action: string; scope: string }[];
  certificates: DumpedSecret[];
  workloadState: Record<string, DumpedState>;
}

export interface DumpedGateway {
  destination: string;
}

export interface DumpedWorkload {
  uid: string;
  workloadIps: string[];
  waypoint?: DumpedGateway;
  protocol: string;
  name: string;
  namespace: string;
  node?: string;
  hostname?: string;
  status: string;
}

export interface DumpedService {
  name: string;
  namespace: string;
  hostname: string;
  vips: string[];
  waypoint?: DumpedGateway;
  endpoints: Record<string, { workloadUid: string }>;
}

export interface DumpedCertificate {
  serialNumber: string;
  validFrom: string;
  expirationTime: string;
}

export interface DumpedSecret {
  identity: string;
  state: string;
  certChain: DumpedCertificate[];
  rootCerts: DumpedCertificate[];
}

export interface DumpedConnection {
  src: string;
  originalDst: string | null;
  actualDst: string;
  protocol: string;
}

export interface DumpedState {
  connections?: { inbound: DumpedConnection[]; outbound: DumpedConnection[] };
  info: { name: string; namespace: string; trustDomain: string; serviceAccount: string };
}
