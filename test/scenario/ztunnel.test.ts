import { beforeEach, describe, expect, it } from "vitest";
import { ContainerLog } from "../../src/kube/log.ts";
import { CertificateAuthority } from "../../src/mesh/identity/authority.ts";
import { type PodRules, podScript, podTables } from "../../src/mesh/inpod/rules.ts";
import type {
  CertificateSource,
  CertificateState,
  CertificateWaiter,
} from "../../src/mesh/ztunnel/certificates.ts";
import type { RbacMatch, WorkloadUpdate } from "../../src/mesh/ztunnel/state.ts";
import { Ztunnel } from "../../src/mesh/ztunnel/ztunnel.ts";
import { remember } from "../../src/sim/memento.ts";
import { SEC } from "../../src/sim/sim.ts";
import { generateKey } from "../../src/tls/x509/key.ts";
import { makeName } from "../../src/tls/x509/name.ts";
import { makeRequest, requestToPem } from "../../src/tls/x509/request.ts";
import { parseIpv4 } from "../../src/wire/address.ts";
import { daemon } from "../../src/world/daemon.ts";
import type { World } from "../../src/world/world.ts";
import { devices, makeWorld, runAt, watch } from "./kit.ts";

/*
 * Today's ztunnel between two network namespaces that the real rules of istio-cni were put into: no
 * Kubernetes, so that what is shown is the proxy's. What it knows is given to it by hand.
 */

const ip = (text: string): number => parseIpv4(text) ?? 0;
const CLIENT = "10.0.0.1";
const SERVER = "10.0.0.2";
const VIP = "10.96.0.10";

/** Certificates at once, from an authority that is at hand. */
class Local implements CertificateSource {
  trustDomain = "cluster.local";
  authority: CertificateAuthority;
  world: World;
  fault: string | null = null;

  constructor(world: World, trustDomain = "cluster.local") {
    this.world = world;
    this.trustDomain = trustDomain;
    this.authority = new CertificateAuthority(trustDomain, world.sim.rng("ca"), this.now);
  }

  get now(): number {
    return this.world.sim.epoch + Math.floor(this.world.sim.now / 1e6);
  }

  request(id: string, waiter: CertificateWaiter): void {
    if (this.fault) return waiter.uncertified(this.fault);
    const key = generateKey("p256", this.world.sim.rng("keys"));
    const name = { subject: makeName([]), alternativeNames: [{ kind: "uri" as const, value: id }] };
    const signed = this.authority.sign(requestToPem(makeRequest(name, key)), id, 0, this.now);
    if ("code" in signed) throw new Error(signed.message);
    waiter.certified({ chain: [signed], key });
  }

  prefetch(): void {}

  workloadGone(): void {}

  forget(): void {}

  states(): CertificateState[] {
    return [];
  }

  tlsConfig() {
    return {
      random: this.world.sim.rng("tls"),
      now: this.now,
      anchors: [this.authority.root],
      alpn: ["h2"],
    };
  }
}

function workload(name: string, address: string, more: Partial<WorkloadUpdate> = {}) {
  return {
    uid: `Kubernetes//Pod/default/${name}-1`,
    workloadIps: [ip(address)],
    waypoint: null,
    protocol: "HBONE" as const,
    networkMode: "Standard" as const,
    name: `${name}-1`,
    namespace: "default",
    trustDomain: "cluster.local",
    serviceAccount: name,
    network: "",
    workloadName: name,
    workloadType: "deployment",
    canonicalName: name,
    canonicalRevision: "v1",
    hostname: "",
    node: "linux",
    nativeTunnel: false,
    authorizationPolicies: [],
    status: "Healthy" as const,
    clusterId: "Kubernetes",
    capacity: 1,
    services: new Map<string, Map<number, number>>(),
    ...more,
  };
}

const NOTHING: RbacMatch = {
  namespaces: [],
  notNamespaces: [],
  serviceAccounts: [],
  notServiceAccounts: [],
  principals: [],
  notPrincipals: [],
  sourceIps: [],
  notSourceIps: [],
  destinationIps: [],
  notDestinationIps: [],
  destinationPorts: [],
  notDestinationPorts: [],
};

const SVC = "echo.default.svc.cluster.local";
let world: World;
let ztunnel: Ztunnel;
let certificates: Local;
let log: ContainerLog;
let rules: PodRules;

/** Lines of the log from the access log, without time, as fields. */
const access = (): Record<string, string>[] =>
  log.lines
    .map((line) => line.text.split("\t"))
    .filter(([, , target]) => target === "access")
    .map(([, level = "", , message = "", fields = ""]) => ({
      level,
      message,
      ...Object.fromEntries(
        [...fields.matchAll(/([\w.]+)=("(?:[^"\\]|\\.)*"|\S+)/g)].map(([, k, v]) => [k, v]),
      ),
    }));

const sh = (where: string, script: string) =>
  runAt(world, "linux", `ip netns exec ${where} sh <<'SCRIPT'\n${script}\nSCRIPT`);

function capture(name: string, at: string): void {
  sh(at, `${podScript().trim()} <<'RULES'\n${podTables(rules)}RULES`);
  const ns = world.first.kernel.named.get(at);
  if (!ns) throw new Error(`no namespace ${at}`);
  ztunnel.addWorkload(
    `uid-${name}`,
    { name: `${name}-1`, namespace: "default", serviceAccount: name },
    ns,
  );
}

beforeEach(() => {
  world = makeWorld("linux");
  rules = { dnsCapture: true, captureInbound: true };
  const machine = world.first;
  runAt(
    world,
    "linux",
    `ip netns add c; ip netns add s
    ip link add eth0 netns c type veth peer name eth0 netns s
    for n in c s; do ip -n $n link set lo up; ip -n $n link set eth0 up; done
    ip -n c addr add ${CLIENT}/24 dev eth0; ip -n s addr add ${SERVER}/24 dev eth0
    ip -n c route add default via ${SERVER}`,
  );
  log = new ContainerLog(world.sim);
  certificates = new Local(world);
  ztunnel = new Ztunnel({
    machine,
    process: daemon(machine, ["/usr/local/bin/ztunnel", "proxy", "ztunnel"]),
    node: "linux",
    version: "1.30.3",
    container: log,
    certificates,
    keyLog: world.keyLog,
    dnsCapture: true,
  });
  ztunnel.serviceChanged({
    name: "echo",
    namespace: "default",
    hostname: SVC,
    vips: [ip(VIP)],
    ports: new Map([[80, 8080]]),
    endpoints: new Map(),
    waypoint: null,
    subjectAltNames: [],
  });
  ztunnel.workloadChanged(workload("client", CLIENT));
  const member = new Map([[`default/${SVC}`, new Map([[80, 8080]])]]);
  ztunnel.workloadChanged(workload("server", SERVER, { services: member }));
  capture("client", "c");
  capture("server", "s");
  runAt(
    world,
    "linux",
    "(while :; do echo hello | ip netns exec s nc -N -l -p 8080 >/dev/null 2>&1; done) & sleep 0.1",
  );
});

const call = (to = `${VIP} 80`) => sh("c", `nc -w 3 ${to} </dev/null; echo $?`).stdout;

describe("today's ztunnel", () => {
  it("carries a connection to a Service through a tunnel from pod to pod", () => {
    const { result, stories } = watch(world, () => call());
    expect(result).toBe("hello\n0\n");
    const syn = (port: number) =>
      stories.filter((s) => s.what === "SYN" && s.head.dstPort === port);
    // Captured before it leaves the pod: the application's SYN never crosses a link.
    expect(syn(15001).flatMap((story) => devices(story))).toEqual(["c lo Out", "c lo In"]);
    expect(syn(15008).flatMap((story) => devices(story))).toEqual(["c eth0 Out", "s eth0 In"]);
    expect(syn(8080).flatMap((story) => devices(story))).toEqual(["s lo Out", "s lo In"]);
  });

  it("logs both of its hops, with workloads and identities", () => {
    call();
    const client = access().find((line) => line.direction === '"outbound"');
    const server = access().find((line) => line.direction === '"inbound"');
    expect(client).toMatchObject({
      level: "info",
      message: "connection complete",
      "src.workload": '"client-1"',
      "src.identity": '"spiffe://cluster.local/ns/default/sa/client"',
      "dst.addr": `${SERVER}:15008`,
      "dst.hbone_addr": `${SERVER}:8080`,
      "dst.service": `"${SVC}"`,
      "dst.workload": '"server-1"',
      "dst.identity": '"spiffe://cluster.local/ns/default/sa/server"',
      direction: '"outbound"',
      bytes_sent: "0",
      bytes_recv: "6",
    });
    expect(server).toMatchObject({
      direction: '"inbound"',
      "src.identity": '"spiffe://cluster.local/ns/default/sa/client"',
      "dst.addr": `${SERVER}:15008`,
      "dst.hbone_addr": `${SERVER}:8080`,
      bytes_sent: "6",
      bytes_recv: "0",
    });
    expect(client?.["src.addr"]).toMatch(/^10\.0\.0\.1:\d+$/);
    expect(client?.error).toBeUndefined();
  });

  it("shows the application the client's own address", () => {
    const { stories } = watch(world, () => call());
    const [syn] = stories.filter((s) => s.what === "SYN" && s.head.dstPort === 8080);
    expect(syn?.head.src).toBe(CLIENT);
  });

  it("opens one tunnel for several connections of a pod, and closes it when nobody has asked for long", () => {
    const { stories } = watch(world, () => [call(), call(), call()]);
    expect(stories.filter((s) => s.what === "SYN" && s.head.dstPort === 15008)).toHaveLength(1);
    const established = () =>
      sh("c", "ss -tnH state established '( dport = 15008 )' | wc -l").stdout.trim();
    expect(established()).toBe("1");
    world.sim.runUntil(world.sim.now + 290 * SEC);
    expect(established()).toBe("1");
    world.sim.runUntil(world.sim.now + 15 * SEC);
    expect(established()).toBe("0");
  });

  it("asks the other end with PINGs, and gives a dead tunnel up", () => {
    call();
    runAt(world, "linux", "ip -n c link set eth0 down");
    world.sim.runUntil(world.sim.now + 60 * SEC);
    expect(log.lines.map((line) => line.text).join("\n")).toContain(
      "warn\tproxy::h2::client:proxy{wl=default/client-1}\tHBONE ping timeout/error",
    );
  });

  it("passes on what is not of the mesh, in plain text", () => {
    ztunnel.addressRemoved("Kubernetes//Pod/default/server-1");
    ztunnel.workloadChanged(workload("server", SERVER, { protocol: "TCP" }));
    runAt(world, "linux", "ip netns exec s iptables -t nat -F ISTIO_PRERT");
    expect(call(`${SERVER} 8080`)).toBe("hello\n0\n");
    expect(access().at(-1)).toMatchObject({ "dst.addr": `${SERVER}:8080` });
    expect(access().at(-1)?.["src.identity"]).toBeUndefined();
  });

  it("takes plain text in, and tells whose it was", () => {
    // The client is not captured: its own packets bear a mark that the rules leave alone.
    sh("c", "iptables -t nat -F ISTIO_OUTPUT");
    expect(call(`${SERVER} 8080`)).toBe("hello\n0\n");
    expect(access()).toMatchObject([
      {
        direction: '"inbound"',
        "src.workload": '"client-1"',
        "dst.addr": `${SERVER}:8080`,
        "dst.service": `"${SVC}"`,
      },
    ]);
    expect(access()[0]?.["dst.hbone_addr"]).toBeUndefined();
  });

  it("names what is wrong: nobody there, no endpoint, a blocked port, a port of its own", () => {
    call(`${SERVER} 9999`);
    expect(access().map((line) => line.error)).toEqual([
      '"connection failed: Connection refused (os error 111)"',
      '"http status: 503 Service Unavailable"',
    ]);
    log.lines = [];
    ztunnel.addressRemoved("Kubernetes//Pod/default/server-1");
    call();
    expect(access()).toMatchObject([
      { level: "warn", message: "connection failed", error: `"no healthy upstream: ${VIP}:80"` },
    ]);
    log.lines = [];
    ztunnel.workloadChanged(workload("server", SERVER));
    sh("s", "iptables -A INPUT -p tcp --dport 15008 -j DROP");
    world.sim.runUntil(world.sim.now + 400 * SEC);
    sh("c", `nc -w 15 ${SERVER} 8080 </dev/null`);
    expect(access().at(-1)?.error).toBe(
      '"connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed"',
    );
    expect(access().at(-1)?.duration).toBe('"10000ms"');
  });

  it("checks who is at the other end, and says whom it found", () => {
    ztunnel.workloadChanged(workload("server", SERVER, { serviceAccount: "imposter" }));
    const info = ztunnel.proxies.get("uid-server")?.info;
    if (info) info.serviceAccount = "imposter";
    const proxy = ztunnel.proxies.get("uid-client");
    // The client is told of another account than the server's certificate names.
    const known = ztunnel.state.byAddress.get(ip(SERVER));
    if (known) known.serviceAccount = "server";
    if (info) info.serviceAccount = "imposter";
    expect(proxy).toBeDefined();
    call(`${SERVER} 8080`);
    const line = access().find((one) => one.direction === '"outbound"');
    expect(line?.error).toContain(
      "peer did not present the expected SAN (spiffe://cluster.local/ns/default/sa/server), got spiffe://cluster.local/ns/default/sa/imposter",
    );
  });

  it("refuses by policy, cuts what a new policy forbids, and says so on both sides", () => {
    const policy = {
      name: "deny-client",
      namespace: "default",
      scope: "Namespace" as const,
      action: "Deny" as const,
      rules: [
        [
          [
            {
              ...NOTHING,
              principals: [{ kind: "exact" as const, value: "cluster.local/ns/default/sa/client" }],
            },
          ],
        ],
      ],
      dryRun: false,
    };
    ztunnel.policyChanged(policy);
    expect(call()).not.toContain("hello");
    expect(access().map((line) => [line.direction, line.error])).toEqual([
      [
        '"inbound"',
        '"connection closed due to policy rejection: explicitly denied by: default/deny-client"',
      ],
      ['"outbound"', '"http status: 401 Unauthorized"'],
    ]);
    ztunnel.policyRemoved("default/deny-client");
    expect(call()).toBe("hello\n0\n");

    log.lines = [];
    runAt(
      world,
      "linux",
      `ip netns exec s nc -l -p 7000 & ip netns exec c nc ${SERVER} 7000 & sleep 1`,
    );
    ztunnel.policyChanged(policy);
    world.sim.runUntil(world.sim.now + SEC);
    const errors = access().map((line) => line.error);
    expect(errors).toContain('"connection closed due to policy change"');
    expect(log.lines.map((line) => line.text).join("\n")).toContain(
      "closed because it's no longer allowed after a policy update",
    );
  });

  it("answers names of the mesh itself and passes on the others", () => {
    sh("c", "echo nameserver 10.0.0.2 > /etc/resolv.conf");
    const dig = (name: string) =>
      sh("c", `dig +short +tries=1 +time=1 @10.0.0.2 ${name}`).stdout.trim();
    expect(dig(SVC)).toBe(VIP);
    expect(dig(`echo.default.default.svc.cluster.local`)).toBe(`echo.default.\n${VIP}`);
    expect(dig("elsewhere.example")).toContain("no servers could be reached");
  });

  it("shows what it knows and counts", () => {
    call();
    const dump = JSON.parse(
      runAt(world, "linux", "curl -s 127.0.0.1:15000/config_dump").stdout,
    ) as Record<string, { name: string; protocol?: string }[]>;
    expect(dump.workloads?.map((w) => [w.name, w.protocol])).toEqual([
      ["client-1", "HBONE"],
      ["server-1", "HBONE"],
    ]);
    const metrics = runAt(world, "linux", "curl -s 127.0.0.1:15020/metrics").stdout;
    expect(metrics).toMatch(/istio_tcp_connections_opened_total\{reporter="source",.*\} 1\n/);
    expect(metrics).toMatch(/istio_tcp_sent_bytes_total\{reporter="destination",.*\} 6\n/);
    expect(metrics.endsWith("# EOF\n")).toBe(true);
    const ready = () => runAt(world, "linux", "curl -s localhost:15021/healthz/ready").stdout;
    expect(ready()).toBe("not ready, pending: proxy networking, state manager\n");
    ztunnel.snapshotSent();
    ztunnel.complete("state manager");
    expect(ready()).toBe("ready\n");
  });

  it("is remembered with its world, tunnels and all, and goes on the same way from there", () => {
    call();
    // Programs that run cannot be remembered; a world is at its prompts.
    for (const process of world.first.processes.values())
      if (process.program) process.kill("SIGKILL");
    world.sim.runUntil(world.sim.now + SEC);
    const memento = remember(world);
    const goOn = (): unknown => {
      call(`${SERVER} 8080`);
      return [log.lines.at(-1)?.text, world.sim.now, world.sim.trace.next];
    };
    const once = goOn();
    memento.restore();
    expect(goOn()).toEqual(once);
  });
});
