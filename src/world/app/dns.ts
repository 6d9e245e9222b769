import type { Machine } from "../../host/machine.ts";
import type { Process } from "../../host/process.ts";
import type { ContainerLog } from "../../kube/log.ts";
import { podReady, selects } from "../../kube/objects.ts";
import type { Store } from "../../kube/store.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import type { Wakeable } from "../../sim/sim.ts";
import {
  type DnsRecord,
  decodeDns,
  dnsResponse,
  encodeDns,
  NXDOMAIN,
  REFUSED,
} from "../../wire/dns.ts";

const ZONE = "cluster.local.";
/** coredns' kubernetes plugin: ttl. */
const TTL = 5;

/**
 * The cluster's name server (kubernetes: dns specification 1.1.0): A and SRV of Services, A of
 * headless ones' pods, PTR of cluster addresses. Other zones are refused: nothing is upstream.
 */
export class DnsServer implements Wakeable {
  store: Store;
  log: ContainerLog;
  sock: UdpSock;

  constructor(machine: Machine, process: Process, store: Store, log: ContainerLog) {
    this.store = store;
    this.log = log;
    this.sock = new UdpSock(machine.netns, ownerOf(process));
    this.sock.bind(0, 53);
    this.sock.readable.add(this);
  }

  wake(): void {
    for (let d = this.sock.recvFrom(); d; d = this.sock.recvFrom()) {
      const query = decodeDns(d.data);
      if (!query || query.response || query.questions.length !== 1) continue;
      const { name, type } = query.questions[0] as { name: string; type: string };
      const reply = dnsResponse(query);
      const answers = this.answer(name.toLowerCase(), type);
      if (answers === null) {
        reply.rcode = name.toLowerCase().endsWith(ZONE) ? NXDOMAIN : REFUSED;
        if (reply.rcode === NXDOMAIN) reply.authority = [soa()];
      } else {
        reply.answers = answers.map((record) => ({ ...record, name }));
        if (answers.length === 0) reply.authority = [soa()];
      }
      reply.authoritative = reply.rcode !== REFUSED;
      this.sock.transmit(encodeDns(reply), d.localAddress, d.address, d.port);
    }
    if (!this.sock.closed) this.sock.readable.add(this);
  }

  /** Records for a name: [] when it exists without this type, null when it does not exist. */
  answer(name: string, type: string): DnsRecord[] | null {
    if (name.endsWith(".in-addr.arpa.")) return this.reverse(name, type);
    if (!name.endsWith(`.svc.${ZONE}`)) return name === ZONE || name === `svc.${ZONE}` ? [] : null;
    const labels = name.slice(0, -`.svc.${ZONE}`.length).split(".");
    const namespace = labels.pop() ?? "";
    if (labels.length === 0) return this.store.get("Namespace", namespace) ? [] : null;
    const serviceName = labels.pop() ?? "";
    const service = this.store.get("Service", serviceName, namespace);
    if (!service) return null;
    if (labels.length === 2) {
      const port = service.spec.ports?.find(
        (p) => `_${p.name}` === labels[0] && `_${p.protocol.toLowerCase()}` === labels[1],
      );
      if (!port) return null;
      const data = `0 100 ${port.port} ${serviceName}.${namespace}.svc.${ZONE}`;
      return type === "SRV" ? [{ name, type: "SRV", ttl: TTL, data }] : [];
    }
    if (labels.length) return null;
    if (type !== "A") return [];
    const { clusterIP = "", selector } = service.spec;
    const addresses =
      clusterIP === "None"
        ? this.store
            .list("Pod", namespace)
            .filter((pod) => podReady(pod) && selects(selector, pod.metadata.labels))
            .map((pod) => pod.status.podIP ?? "")
        : [clusterIP].filter(Boolean);
    return addresses.map((data) => ({ name, type: "A", ttl: TTL, data }));
  }

  reverse(name: string, type: string): DnsRecord[] | null {
    const ip = name
      .replace(/\.in-addr\.arpa\.$/, "")
      .split(".")
      .reverse()
      .join(".");
    const service = this.store.serviceAt(ip);
    if (!service) return null;
    const data = `${service.metadata.name}.${service.metadata.namespace}.svc.${ZONE}`;
    return type === "PTR" ? [{ name, type: "PTR", ttl: TTL, data }] : [];
  }

  stop(): void {
    this.sock.close();
  }
}

function soa(): DnsRecord {
  return {
    name: ZONE,
    type: "SOA",
    ttl: TTL,
    data: `ns.dns.${ZONE} hostmaster.${ZONE} 1669017600 7200 1800 86400 ${TTL}`,
  };
}
