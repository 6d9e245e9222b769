import type { Machine } from "../../host/machine.ts";
import type { Pod } from "../../kube/api/pod.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ContainerLog } from "../../kube/log.ts";
import { internalIp, podReady } from "../../kube/objects.ts";
import { Veth } from "../../net/device/veth.ts";
import type { Wakeable } from "../../sim/sim.ts";
import { formatIpv4, maskOf, parseIpv4, parsePrefix } from "../../wire/address.ts";

/** The ipset of captured pods (istio: cni/pkg/ambient/constants). */
const SET = "ztunnel-pods-ips";

/** Chains and jumps, created anew each time (the preview's probe never finds them). */
function chains(): string {
  const pairs = [
    ["nat", "PREROUTING"],
    ["nat", "POSTROUTING"],
    ["mangle", "PREROUTING"],
    ["mangle", "POSTROUTING"],
    ["mangle", "OUTPUT"],
    ["mangle", "INPUT"],
    ["mangle", "FORWARD"],
  ];
  return pairs
    .map(([t, c]) => `iptables -t ${t} -N ztunnel-${c}\niptables -t ${t} -I ${c} -j ztunnel-${c}\n`)
    .join("");
}

/** What makes a node capture (istio: CreateRulesOnNode), command by command. */
export function nodeScript(hostIp: string, ztunnelIp: string, veth: string): string {
  const pre = "iptables -t mangle -A ztunnel-PREROUTING";
  const save = (chain: string, mark: string): string =>
    `iptables -t mangle -A ztunnel-${chain} -m mark --mark ${mark}/${mark} -j CONNMARK --save-mark --nfmask ${mark} --ctmask ${mark}\n`;
  return `${chains()}ipset create ${SET} hash:ip comment
${pre} -i istioin -j MARK --set-mark 0x200/0x200
${pre} -i istioin -j RETURN
${pre} -i istioout -j MARK --set-mark 0x200/0x200
${pre} -i istioout -j RETURN
${save("FORWARD", "0x220")}${save("INPUT", "0x220")}${save("FORWARD", "0x210")}${save("INPUT", "0x210")}iptables -t mangle -A ztunnel-OUTPUT -s ${hostIp} -j MARK --set-mark 0x220
iptables -t nat -A ztunnel-PREROUTING -m mark --mark 0x100/0x100 -j ACCEPT
iptables -t nat -A ztunnel-POSTROUTING -m mark --mark 0x100/0x100 -j ACCEPT
${pre} -p udp -m udp --dport 6081 -j RETURN
${pre} -m connmark --mark 0x220/0x220 -j MARK --set-mark 0x200/0x200
${pre} -m mark --mark 0x200/0x200 -j RETURN
${pre} ! -i ${veth} -m connmark --mark 0x210/0x210 -j MARK --set-mark 0x040/0x040
${pre} -m mark --mark 0x040/0x040 -j RETURN
${pre} -i ${veth} ! --source ${ztunnelIp} -j MARK --set-mark 0x210/0x210
${pre} -m mark --mark 0x200/0x200 -j RETURN
${pre} -i ${veth} -j MARK --set-mark 0x220/0x220
${pre} -p udp -j MARK --set-mark 0x220/0x220
${pre} -m mark --mark 0x200/0x200 -j RETURN
${pre} -p tcp -m set --match-set ${SET} src -j MARK --set-mark 0x100/0x100
sysctl -q -w net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.${veth}.rp_filter=0 net.ipv4.conf.${veth}.accept_local=1
ip link add name istioin type geneve id 1000 remote ${ztunnelIp}
ip addr add 192.168.126.1/30 broadcast 192.168.126.3 dev istioin
ip link add name istioout type geneve id 1001 remote ${ztunnelIp}
ip addr add 192.168.127.1/30 broadcast 192.168.127.3 dev istioout
ip link set istioin up
ip link set istioout up
sysctl -q -w net.ipv4.conf.istioin.rp_filter=0 net.ipv4.conf.istioin.accept_local=1 net.ipv4.conf.istioout.rp_filter=0 net.ipv4.conf.istioout.accept_local=1
ip route add table 101 ${ztunnelIp} dev ${veth} scope link
ip route add table 101 0.0.0.0/0 via 192.168.127.2 dev istioout
ip route add table 102 ${ztunnelIp} dev ${veth} scope link
ip route add table 102 0.0.0.0/0 via ${ztunnelIp} dev ${veth} onlink
ip route add table 100 ${ztunnelIp} dev ${veth} scope link
ip rule add priority 100 fwmark 0x200/0x200 goto 32766
ip rule add priority 101 fwmark 0x100/0x100 lookup 101
ip rule add priority 102 fwmark 0x040/0x040 lookup 102
ip rule add priority 103 table 100
`;
}

/** Undo it all (istio: cleanupNode). What is not there is not missed. */
export function cleanupScript(): string {
  const pairs = [
    ["nat", "PREROUTING"],
    ["nat", "POSTROUTING"],
    ["mangle", "PREROUTING"],
    ["mangle", "POSTROUTING"],
    ["mangle", "OUTPUT"],
    ["mangle", "INPUT"],
    ["mangle", "FORWARD"],
  ];
  return `${pairs.map(([t, c]) => `iptables -t ${t} -D ${c} -j ztunnel-${c}\niptables -t ${t} -F ztunnel-${c}\niptables -t ${t} -X ztunnel-${c}\n`).join("")}ip route flush table 100
ip route flush table 101
ip route flush table 102
ip rule del priority 100
ip rule del priority 101
ip rule del priority 102
ip rule del priority 103
ip link del name istioin
ip link del name istioout
ipset destroy ${SET}
`;
}

/** What the ztunnel pod's init container does inside the pod's namespace. */
export function ztunnelScript(pod: string, hostIp: string, ztunnelIp: string): string {
  const log = (table: string, chain: string, short: string): string =>
    `iptables -t ${table} -I ${chain} -j LOG --log-prefix "${table} ${short} [ ${pod}] "\n`;
  const hooks: Record<string, [string, string][]> = {
    mangle: [
      ["PREROUTING", "pre"],
      ["POSTROUTING", "post"],
      ["INPUT", "inp"],
      ["OUTPUT", "out"],
      ["FORWARD", "fw"],
    ],
    nat: [
      ["POSTROUTING", "post"],
      ["INPUT", "inp"],
      ["OUTPUT", "out"],
      ["PREROUTING", "pre"],
    ],
    raw: [
      ["PREROUTING", "pre"],
      ["OUTPUT", "out"],
    ],
    filter: [
      ["FORWARD", "fw"],
      ["OUTPUT", "out"],
      ["INPUT", "inp"],
    ],
  };
  const tproxy = (match: string, port: number, dport = ""): string =>
    `iptables -t mangle -A PREROUTING -p tcp -i ${match}${dport} -j TPROXY --tproxy-mark 0x400/0xfff --on-port ${port} --on-ip 127.0.0.1\n`;
  return `ip link del pistioin 2>/dev/null
ip link del pistioout 2>/dev/null
ip link add name pistioin type geneve id 1000 remote ${hostIp}
ip addr add 192.168.126.2/30 dev pistioin
ip link add name pistioout type geneve id 1001 remote ${hostIp}
ip addr add 192.168.127.2/30 dev pistioout
ip link set pistioin up
ip link set pistioout up
echo 0 > /proc/sys/net/ipv4/conf/pistioin/rp_filter
echo 0 > /proc/sys/net/ipv4/conf/pistioout/rp_filter
ip rule add priority 20000 fwmark 0x400/0xfff lookup 100
ip rule add priority 20001 fwmark 0x401/0xfff lookup 101
ip rule add priority 20002 fwmark 0x402/0xfff lookup 102
ip rule add priority 20003 fwmark 0x4d3/0xfff lookup 100
ip route add local 0.0.0.0/0 dev lo table 100
ip route add table 101 ${hostIp} dev eth0 scope link
ip route add table 101 0.0.0.0/0 via 192.168.127.1 dev pistioout
ip route add table 102 ${hostIp} dev eth0 scope link
ip route add table 102 0.0.0.0/0 via 192.168.126.1 dev pistioin
iptables -t mangle -F PREROUTING
iptables -t nat -F OUTPUT
${Object.entries(hooks)
  .flatMap(([table, list]) => list.map(([chain, short]) => log(table, chain, short)))
  .join(
    "",
  )}${tproxy("pistioin", 15008, " -m tcp --dport 15008")}${tproxy("pistioout", 15001)}${tproxy("pistioin", 15006)}iptables -t mangle -A PREROUTING -p tcp -i eth0 ! --dst ${ztunnelIp} -j MARK --set-mark 0x4d3/0xfff
iptables -t nat -A OUTPUT -p tcp --dport 15088 -j REDIRECT --to-port 15008
echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter
echo 0 > /proc/sys/net/ipv4/conf/default/rp_filter
echo 0 > /proc/sys/net/ipv4/conf/eth0/rp_filter
`;
}

/** One thing to do on the node, in turn. */
interface Task {
  script: string;
  what: string;
}

/** istio-cni's node agent of the 2022 preview: it follows pods and runs commands on its node. */
export class AmbientCni implements Wakeable {
  cluster: Cluster;
  machine: Machine;
  node: string;
  log: ContainerLog;
  /** The ztunnel that the node's rules are for. */
  active: string | null = null;
  /** IPs that are in the set. */
  enrolled = new Map<string, string>();
  queue: Task[] = [];
  running: Task | null = null;

  constructor(cluster: Cluster, machine: Machine, node: string, log: ContainerLog) {
    this.cluster = cluster;
    this.machine = machine;
    this.node = node;
    this.log = log;
    cluster.store.watch("Pod", this);
    cluster.store.watch("Namespace", this);
  }

  /** Its pod ends: what it wrote stays in force, and nobody follows the pods any more. */
  stop(): void {
    this.cluster.store.unwatch(this);
    this.queue = [];
  }

  get atRest(): boolean {
    return this.running === null && this.queue.length === 0 && this.active !== null;
  }

  wake(reason: string, arg: unknown): void {
    if (reason === "done") {
      const { status, stderr } = arg as { status: number; stderr: string };
      const line = stderr.trim().split("\n").filter(Boolean).join("; ");
      if (line) this.write("warn", `${this.running?.what}: ${line}`);
      else if (status !== 0) this.write("warn", `${this.running?.what}: exit status ${status}`);
      this.running = null;
    } else this.reconcile();
    this.next();
  }

  next(): void {
    if (this.running || this.queue.length === 0) return;
    this.running = this.queue.shift() as Task;
    this.write("info", this.running.what);
    this.cluster.exec.start(this.machine, this.running.script, this, "done");
  }

  write(level: string, text: string): void {
    const { sim } = this.machine;
    const time = new Date(sim.epoch + sim.now / 1e6).toISOString();
    this.log.write(`${time}\t${level}\tambient\t${text}`);
  }

  /** The newest ready ztunnel here is the active one; a pod belongs to the mesh by labels. */
  reconcile(): void {
    const pods = this.cluster.store.list("Pod").filter((pod) => pod.spec.nodeName === this.node);
    // Listed in the order in which they were made.
    const ztunnel = pods
      .filter((pod) => pod.metadata.labels?.app === "ztunnel" && podReady(pod))
      .at(-1);
    // A ztunnel that goes leaves the rules: traffic fails closed until another is ready.
    if (ztunnel && ztunnel.metadata.uid !== this.active) this.configure(ztunnel);
    if (!this.active) return;
    const wanted = new Map(
      pods
        .filter((pod) => this.belongs(pod))
        .map((pod) => [pod.status.podIP ?? "", pod.metadata.uid]),
    );
    for (const [ip, uid] of wanted) if (!this.enrolled.has(ip)) this.enroll(ip, uid);
    for (const ip of [...this.enrolled.keys()]) if (!wanted.has(ip)) this.withdraw(ip);
  }

  configure(ztunnel: Pod): void {
    const again = this.active !== null;
    this.active = ztunnel.metadata.uid;
    this.enrolled.clear();
    const ip = ztunnel.status.podIP ?? "";
    const veth = this.vethOf(ip);
    if (!veth) {
      this.write("error", `no routes found for ${ip}`);
      return;
    }
    const host = this.hostIp();
    if (again)
      this.queue.push({
        script: cleanupScript(),
        what: "ztunnel is now active: cleaning up the node",
      });
    this.queue.push({
      script: nodeScript(host, ip, veth),
      what: `ztunnel is now active: ${ztunnel.metadata.name} (${ip}) behind ${veth}`,
    });
  }

  /** The host's device on the route to a pod. */
  vethOf(ip: string): string | null {
    const address = parseIpv4(ip);
    const table = this.machine.netns.fib.tables.get(254);
    if (address === null || !table) return null;
    const route = table.candidates(address).find((r) => r.length === 32);
    const dev = route?.nexthops[0]?.dev;
    return dev instanceof Veth ? dev.name : null;
  }

  /** An address of this node inside the pods' network, else the node's own. */
  hostIp(): string {
    const node = this.cluster.store.get("Node", this.node);
    const cidr = parsePrefix(node?.spec.podCIDR ?? "");
    if (cidr)
      for (const dev of this.machine.netns.devices.values())
        for (const a of dev.addresses)
          if (((a.local ^ cidr.address) & maskOf(cidr.length)) === 0) return formatIpv4(a.local);
    return node ? internalIp(node) : "";
  }

  belongs(pod: Pod): boolean {
    const { namespace = "", labels, annotations = {}, deletionTimestamp } = pod.metadata;
    const space = this.cluster.store.get("Namespace", namespace);
    return (
      pod.status.podIP !== undefined &&
      !pod.spec.hostNetwork &&
      deletionTimestamp === undefined &&
      pod.status.phase === "Running" &&
      labels?.app !== "ztunnel" &&
      space?.metadata.labels?.["istio.io/dataplane-mode"] === "ambient" &&
      annotations["ambient.istio.io/redirection"] !== "disabled" &&
      !("sidecar.istio.io/status" in annotations)
    );
  }

  enroll(ip: string, uid: string): void {
    this.enrolled.set(ip, uid);
    this.queue.push({
      script: `ipset add ${SET} ${ip} comment "${uid}"\nip route add table 100 ${ip}/32 via 192.168.126.2 dev istioin src ${this.hostIp()}\n`,
      what: `Adding pod ${ip} to the mesh`,
    });
  }

  withdraw(ip: string): void {
    this.enrolled.delete(ip);
    this.queue.push({
      script: `ipset del ${SET} ${ip}\nip route del table 100 ${ip}/32 via 192.168.126.2 dev istioin src ${this.hostIp()}\n`,
      what: `Removing pod ${ip} from the mesh`,
    });
  }
}
