/** The Kubernetes objects that we keep: the fields of the real API that something here reads. */

export interface Meta {
  name: string;
  namespace: string;
  uid: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Virtual time, ns. */
  created: number;
  /** Set while it is being deleted. */
  deleted: number | null;
  version: number;
  /** "ReplicaSet/sleep-5644bdc767", "DaemonSet/ztunnel"; "" for none. */
  owner: string;
}

export interface ContainerSpec {
  name: string;
  image: string;
  ports: number[];
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  restarts: number;
  /** What it wrote: `kubectl logs`. */
  log: LogLine[];
  /** Why it is not running: "ContainerCreating", "Completed", "CrashLoopBackOff". */
  waiting: string;
}

export interface LogLine {
  at: number;
  text: string;
}

export interface Pod {
  kind: "Pod";
  meta: Meta;
  node: string;
  serviceAccount: string;
  hostNetwork: boolean;
  containers: ContainerSpec[];
  phase: "Pending" | "Running" | "Succeeded" | "Failed";
  ip: string;
  hostIp: string;
  status: ContainerStatus[];
}

export interface ServicePort {
  name: string;
  port: number;
  targetPort: number;
  protocol: "TCP" | "UDP";
}

export interface Service {
  kind: "Service";
  meta: Meta;
  type: "ClusterIP" | "NodePort" | "LoadBalancer";
  clusterIp: string;
  selector: Record<string, string>;
  ports: ServicePort[];
}

export interface Endpoint {
  ip: string;
  node: string;
  pod: string;
  ready: boolean;
}

export interface EndpointSlice {
  kind: "EndpointSlice";
  meta: Meta;
  service: string;
  ports: ServicePort[];
  endpoints: Endpoint[];
}

export interface Node {
  kind: "Node";
  meta: Meta;
  internalIp: string;
  podCidr: string;
  ready: boolean;
  kubelet: string;
  os: string;
  kernel: string;
  runtime: string;
}

export interface Namespace {
  kind: "Namespace";
  meta: Meta;
  phase: "Active" | "Terminating";
}

export interface ServiceAccount {
  kind: "ServiceAccount";
  meta: Meta;
}

export interface Deployment {
  kind: "Deployment";
  meta: Meta;
  selector: Record<string, string>;
  replicas: number;
}

export type KubeObject =
  | Pod
  | Service
  | EndpointSlice
  | Node
  | Namespace
  | ServiceAccount
  | Deployment;
export type Kind = KubeObject["kind"];
export type ObjectOf<K extends Kind> = Extract<KubeObject, { kind: K }>;

/** Does every label of the selector stand in `labels`? An empty selector selects nothing. */
export function selects(selector: Record<string, string>, labels: Record<string, string>): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** Is the pod ready to serve? */
export function podReady(pod: Pod): boolean {
  return pod.phase === "Running" && pod.meta.deleted === null && pod.status.every((c) => c.ready);
}
