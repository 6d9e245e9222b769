/** A world file, checked and compiled: design.md 5.2. Times in ns, rates in bits per second. */
export interface WorldSpec {
  name: string;
  title: string;
  summary: string;
  /** A command that sends something, for who has done nothing yet. */
  try: string;
  /** Where this world is not like the real one, a sentence each; shown under its map. */
  differs: string[];
  /** When the clocks of its machines start, in ms since 1970. */
  date: number;
  seed: number;
  /** Where a shell opens when nobody says: a machine's name. */
  at: string;
  /** Machines without Kubernetes: the whole world of `linux`. */
  machines: MachineSpec[];
  cluster: ClusterSpec | null;
  /** Shell scripts that run when everything is up, in this order. */
  scripts: { at: string; run: string }[];
  files: { at: string; path: string; content: string }[];
}

export interface MachineSpec {
  name: string;
  /** Loopback is up, as in a fresh namespace that somebody prepared. */
  loopback: boolean;
}

export interface ClusterSpec {
  mesh: "none" | "ambient-geneve" | "ambient-inpod";
  /** The API server's address: nodes need a way to it. "": they are never lost. */
  controlPlane: string;
  /** Of Kubernetes: "v1.35.2". */
  version: string;
  mtu: number;
  podCidr: string;
  serviceCidr: string;
  link: { delay: number; rate: number; loss: number };
  nodes: NodeSpec[];
  namespaces: { name: string; labels: Record<string, string> }[];
  serviceAccounts: { name: string; namespace: string }[];
  pods: PodSpec[];
  services: ServiceSpec[];
  /** Objects that are applied when everything is up, before any script. */
  manifests: { [field: string]: unknown }[];
}

export interface NodeSpec {
  name: string;
  address: string;
  podCidr: string;
  /** The address of the node on each pod's link. */
  gateway: string;
  /** What the node's image does when it starts, before any agent. */
  startup: string;
}

export interface PodSpec {
  name: string;
  namespace: string;
  node: string;
  /** Empty for a pod in the node's own network. */
  ip: string;
  veth: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  serviceAccount: string;
  /** The program that it runs (app/registry.ts). */
  app: string;
  /** What a "json" app answers. */
  answer: string;
  port: number;
  image: string;
  /** What its manifest has as the container's command. */
  command: string[];
  container: string;
  owner: string;
}

export interface ServiceSpec {
  name: string;
  namespace: string;
  clusterIp: string;
  selector: Record<string, string>;
  ports: { name: string; port: number; targetPort: number; protocol: "TCP" | "UDP" }[];
}
