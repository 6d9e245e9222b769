import { equal } from "../../base/json.ts";
import { formatIpv4, parseIpv4, parsePrefix } from "../../wire/address.ts";
import type { Service } from "../api/core.ts";
import type { Cluster } from "../cluster.ts";
import type { FieldError } from "../kind.ts";

/** NodePorts (kube-apiserver: --service-node-port-range). */
const NODE_PORTS = { first: 30000, last: 32767 };

/** What the API server fills in for a Service, its address among it (kubernetes: pkg/registry/core/service). */
export function serviceDefaults(service: Service, cluster: Cluster, old: Service | null): void {
  const { spec } = service;
  service.status ??= { loadBalancer: {} };
  spec.type ??= "ClusterIP";
  spec.sessionAffinity ??= "None";
  for (const port of spec.ports ?? []) {
    port.protocol ??= "TCP";
    port.targetPort ??= port.port;
  }
  if (spec.type === "ExternalName") return;
  if (old && old.spec.type !== "ExternalName") {
    spec.clusterIP ||= old.spec.clusterIP ?? "";
    spec.clusterIPs ??= [...(old.spec.clusterIPs ?? [])];
  }
  spec.internalTrafficPolicy ??= "Cluster";
  spec.ipFamilies ??= ["IPv4"];
  spec.ipFamilyPolicy ??= "SingleStack";
  if (!spec.clusterIP) spec.clusterIP = spec.clusterIPs?.[0] ?? freeAddress(cluster);
  spec.clusterIPs ??= [spec.clusterIP];
  if (spec.type === "ClusterIP") return;
  spec.externalTrafficPolicy ??= "Cluster";
  for (const port of spec.ports ?? []) {
    const same = old?.spec.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
    const kept = same?.nodePort;
    if (port.nodePort === undefined) port.nodePort = kept ?? freeNodePort(cluster, service);
  }
}

function range(cluster: Cluster): { first: number; size: number } {
  const { address, length } = parsePrefix(cluster.serviceCidr) ?? { address: 0, length: 0 };
  return { first: address, size: 2 ** (32 - length) };
}

function freeAddress(cluster: Cluster): string {
  const { store } = cluster;
  const { first, size } = range(cluster);
  const rng = store.sim.rng("cluster ips");
  for (;;) {
    // The first few are for those who choose their own.
    const ip = formatIpv4(first + 256 + rng.below(Math.max(size - 257, 1)));
    if (!store.serviceAt(ip)) return ip;
  }
}

function freeNodePort(cluster: Cluster, service: Service): number {
  const { store } = cluster;
  const used = new Set(
    [...store.list("Service"), service].flatMap((s) => s.spec.ports?.map((p) => p.nodePort) ?? []),
  );
  const rng = store.sim.rng("node ports");
  for (;;) {
    const port = NODE_PORTS.first + rng.below(NODE_PORTS.last - NODE_PORTS.first + 1);
    if (!used.has(port)) return port;
  }
}

export function serviceErrors(
  service: Service,
  old: Service | null,
  cluster: Cluster,
): FieldError[] {
  const errors: FieldError[] = [];
  const add = (field: string, message: string): number => errors.push({ field, message });
  const { spec } = service;
  const ports = spec.ports ?? [];
  if (ports.length === 0 && spec.type !== "ExternalName" && spec.clusterIP !== "None")
    add("spec.ports", "Required value");
  const names = new Set<string>();
  const numbers = new Set<string>();
  ports.forEach((port, i) => {
    const at = `spec.ports[${i}]`;
    if (!port.name && ports.length > 1) add(`${at}.name`, "Required value");
    if (port.name && names.has(port.name)) add(`${at}.name`, `Duplicate value: "${port.name}"`);
    if (port.name) names.add(port.name);
    const range16 = "must be between 1 and 65535, inclusive";
    if (port.port < 1 || port.port > 65535)
      add(`${at}.port`, `Invalid value: ${port.port}: ${range16}`);
    if (!["TCP", "UDP", "SCTP"].includes(port.protocol))
      add(
        `${at}.protocol`,
        `Unsupported value: "${port.protocol}": supported values: "SCTP", "TCP", "UDP"`,
      );
    const { targetPort } = port;
    if (typeof targetPort === "number" && (targetPort < 1 || targetPort > 65535))
      add(`${at}.targetPort`, `Invalid value: ${targetPort}: ${range16}`);
    const key = `${port.protocol}/${port.port}`;
    if (numbers.has(key))
      add(
        at,
        `Duplicate value: core.ServicePort{Name:"", Protocol:"${port.protocol}", AppProtocol:(*string)(nil), Port:${port.port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`,
      );
    numbers.add(key);
  });
  if (spec.type === "ExternalName" && !spec.externalName)
    add("spec.externalName", "Required value");
  const ip = spec.clusterIP;
  if (old?.spec.clusterIP && old.spec.type !== "ExternalName" && !equal(old.spec.clusterIP, ip))
    add("spec.clusterIPs[0]", `Invalid value: []string{"${ip}"}: may not change once set`);
  else if (!old && ip && ip !== "None") errors.push(...addressErrors(ip, cluster));
  return errors;
}

function addressErrors(ip: string, cluster: Cluster): FieldError[] {
  const field = "spec.clusterIPs";
  const wrong = (why: string): FieldError[] => [
    { field, message: `Invalid value: []string{"${ip}"}: ${why}` },
  ];
  const address = parseIpv4(ip);
  if (address === null)
    return [
      {
        field: "spec.clusterIPs[0]",
        message: `Invalid value: "${ip}": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
      },
    ];
  const { first, size } = range(cluster);
  if (address < first || address >= first + size)
    return wrong(
      `failed to allocate IP ${ip}: the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cluster.serviceCidr}`,
    );
  if (cluster.store.serviceAt(ip))
    return wrong(`failed to allocate IP ${ip}: provided IP is already allocated`);
  return [];
}
