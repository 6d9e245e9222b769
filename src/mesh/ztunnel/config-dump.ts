import { toBase64 } from "../../base/base64.ts";
import { utf8 } from "../../base/text.ts";
import type { Certificate } from "../../tls/x509/certificate.ts";
import { toPem } from "../../tls/x509/pem.ts";
import { formatIpv4 } from "../../wire/address.ts";
import type { CertificateState } from "./certificates.ts";
import type { PodProxy } from "./proxy.ts";
import { formatEndpoint } from "./result.ts";
import type {
  Authorization,
  GatewayAddress,
  IpBlock,
  RbacMatch,
  Service,
  StringMatch,
  Workload,
} from "./state.ts";
import type { Ztunnel } from "./ztunnel.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What is empty is left out, where the real one leaves it out (serde: skip_serializing_if). */
function filled(object: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== "" && value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function gateway(address: GatewayAddress | null): Json {
  if (!address) return null;
  const { destination, hboneMtlsPort } = address;
  return {
    destination:
      "address" in destination
        ? `/${formatIpv4(destination.address)}`
        : `${destination.namespace}/${destination.hostname}`,
    hboneMtlsPort,
  };
}

function workload(w: Workload): Json {
  return {
    ...filled({
      uid: w.uid,
      waypoint: gateway(w.waypoint),
      trustDomain: w.trustDomain,
      serviceAccount: w.serviceAccount,
      network: w.network,
      workloadName: w.workloadName,
      workloadType: w.workloadType,
      canonicalName: w.canonicalName,
      canonicalRevision: w.canonicalRevision,
      hostname: w.hostname,
      node: w.node,
      nativeTunnel: w.nativeTunnel || null,
      authorizationPolicies: w.authorizationPolicies,
    }),
    workloadIps: w.workloadIps.map(formatIpv4),
    protocol: w.protocol,
    networkMode: w.networkMode,
    name: w.name,
    namespace: w.namespace,
    status: w.status,
    clusterId: w.clusterId,
    capacity: w.capacity,
  };
}

function ports(map: ReadonlyMap<number, number>): Json {
  return Object.fromEntries([...map].map(([from, to]) => [String(from), to]));
}

function service(s: Service): Json {
  return {
    name: s.name,
    namespace: s.namespace,
    hostname: s.hostname,
    vips: s.vips.map((vip) => `/${formatIpv4(vip)}`),
    ports: ports(s.ports),
    endpoints: Object.fromEntries(
      [...s.endpoints.values()].map((e) => [
        e.workloadUid,
        { workloadUid: e.workloadUid, port: ports(e.port), status: e.status },
      ]),
    ),
    subjectAltNames: s.subjectAltNames,
    canonical: true,
    ...filled({ waypoint: gateway(s.waypoint) }),
    ipFamilies: "IPv4",
  };
}

function match(m: StringMatch): Json {
  switch (m.kind) {
    case "exact":
      return { Exact: m.value };
    case "prefix":
      return { Prefix: m.value };
    case "suffix":
      return { Suffix: m.value };
    case "presence":
      return { Presence: [] };
  }
}

function block({ address, length }: IpBlock): string {
  return `${formatIpv4(address)}/${length}`;
}

function rbacMatch(m: RbacMatch): Json {
  return filled({
    namespaces: m.namespaces.map(match),
    notNamespaces: m.notNamespaces.map(match),
    serviceAccounts: m.serviceAccounts.map((a) => ({ ...a })),
    notServiceAccounts: m.notServiceAccounts.map((a) => ({ ...a })),
    principals: m.principals.map(match),
    notPrincipals: m.notPrincipals.map(match),
    sourceIps: m.sourceIps.map(block),
    notSourceIps: m.notSourceIps.map(block),
    destinationIps: m.destinationIps.map(block),
    notDestinationIps: m.notDestinationIps.map(block),
    destinationPorts: m.destinationPorts,
    notDestinationPorts: m.notDestinationPorts,
  });
}

function policy(p: Authorization): Json {
  const { name, namespace, scope, action, dryRun } = p;
  const rules = p.rules.map((clauses) => clauses.map((clause) => clause.map(rbacMatch)));
  return { name, namespace, scope, action, rules, dryRun };
}

/** RFC 3339, to the second. */
function date(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A serial number in decimal, as the real one prints it. */
function serialOf(certificate: Certificate): string {
  let value = 0n;
  for (const byte of certificate.serial) value = (value << 8n) | BigInt(byte);
  return value.toString();
}

function certificate(c: Certificate): Json {
  return {
    pem: toBase64(utf8(toPem("CERTIFICATE", c.der))),
    serialNumber: serialOf(c),
    validFrom: date(c.notBefore),
    expirationTime: date(c.notAfter),
  };
}

function certificateState({ identity, state, chain, roots }: CertificateState): Json {
  return {
    identity,
    state,
    certChain: chain.map(certificate),
    rootCerts: roots.map(certificate),
  };
}

function proxyState(proxy: PodProxy): Json {
  const { info, certificates } = proxy;
  const inbound = [...proxy.inbound]
    .filter((c) => c.state === "connect" || c.state === "relay")
    .map((c) => ({
      src: formatEndpoint(c.src),
      originalDst: c.forHost,
      actualDst: formatEndpoint({ address: c.rbac.dst, port: c.rbac.dstPort }),
      protocol: c.rbac.identity === null ? "TCP" : "HBONE",
    }));
  const outbound = [...proxy.outbound].flatMap((c) => {
    const { request } = c;
    if (!request) return [];
    return {
      src: formatEndpoint(c.src),
      originalDst: formatEndpoint(c.dst),
      actualDst: formatEndpoint(request),
      protocol: request.protocol,
    };
  });
  return {
    state: "Up",
    connections: { inbound, outbound },
    info: { ...info, trustDomain: certificates.trustDomain },
  };
}

/** Keys in order, as the real one's maps print them. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function byName<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** `/config_dump` (ztunnel: src/admin.rs, ConfigDump): what it was told, and what it does with it. */
export function configDump(ztunnel: Ztunnel): string {
  const { state, certificates, version, node, clusterId, clusterDomain } = ztunnel;
  const dump: Json = {
    workloads: byName(state.workloads).map(workload),
    services: byName(state.services).map(service),
    policies: byName(state.policies).map(policy),
    stagedServices: Object.fromEntries(
      [...state.stagedServices].map(([name, endpoints]) => [
        name,
        Object.fromEntries(
          [...endpoints].map(([uid, e]) => [
            uid,
            { workloadUid: uid, port: ports(e.port), status: e.status },
          ]),
        ),
      ]),
    ),
    staticConfig: { workloads: [], policies: [], services: [] },
    version: { version, istioVersion: version },
    config: {
      proxy: true,
      dnsProxy: ztunnel.dnsCapture,
      windowSize: 4 << 20,
      connectionWindowSize: 16 << 20,
      frameSize: 1 << 20,
      poolMaxStreamsPerConn: 100,
      poolUnusedReleaseTimeout: "300s",
      adminAddr: "127.0.0.1:15000",
      statsAddr: "0.0.0.0:15020",
      readinessAddr: "0.0.0.0:15021",
      inboundAddr: "0.0.0.0:15008",
      inboundPlaintextAddr: "0.0.0.0:15006",
      outboundAddr: "0.0.0.0:15001",
      dnsProxyAddr: "127.0.0.1:15053",
      illegalPorts: [15001, 15006, 15008],
      localNode: node,
      proxyMode: "Shared",
      clusterId,
      clusterDomain,
      caAddress: "https://istiod.istio-system.svc:15012",
      xdsAddress: "https://istiod.istio-system.svc:15012",
      secretTtl: "86400s",
      packetMark: 1337,
      ipv6Enabled: false,
    },
    certificates: certificates
      .states()
      .sort((a, b) => (a.identity < b.identity ? -1 : 1))
      .map(certificateState),
    workloadState: Object.fromEntries(
      [...ztunnel.proxies].map(([uid, proxy]) => [uid, proxyState(proxy)]),
    ),
  };
  return JSON.stringify(sorted(dump), null, 2);
}
