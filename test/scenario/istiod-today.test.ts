import { beforeEach, describe, expect, it } from "vitest";
import type { Status } from "../../src/grpc/status.ts";
import type { Process } from "../../src/host/process.ts";
import {
  type Secret,
  type SecretsOwner,
  WorkloadSecrets,
} from "../../src/mesh/identity/secrets.ts";
import { ISTIOD_HOST, SECURE_PORT } from "../../src/mesh/istiod/istiod.ts";
import { ADDRESS, ADDRESS_TYPE, AUTHORIZATION } from "../../src/mesh/istiod/messages.ts";
import type { Address, Workload } from "../../src/mesh/istiod/workload-messages.ts";
import { CertificateClient, MountedToken } from "../../src/mesh/xds/certificates.ts";
import { XdsClient, type XdsOwner } from "../../src/mesh/xds/client.ts";
import type { Upstream } from "../../src/mesh/xds/credentials.ts";
import { remember } from "../../src/sim/memento.ts";
import { SEC } from "../../src/sim/sim.ts";
import { uriNames } from "../../src/tls/x509/certificate.ts";
import { SignatureCache } from "../../src/tls/x509/verify.ts";
import { daemon } from "../../src/world/daemon.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";

/** istiod, and what today's ztunnels talk to it with: delta discovery, and other names' certificates. */

const ZTUNNEL_B = "ztunnel-z4qmh";
const PRODUCTPAGE = "spiffe://cluster.local/ns/default/sa/bookinfo-productpage";
const SLEEP = "spiffe://cluster.local/ns/default/sa/sleep";

let world: World;
let process: Process;
let upstream: Upstream;
beforeEach(() => {
  world = makeWorld("ambient-2022");
  const machine = world.machine(ZTUNNEL_B);
  if (!machine) throw new Error("no machine");
  process = daemon(machine, ["/usr/local/bin/ztunnel", "proxy", "ztunnel"]);
  upstream = {
    process,
    host: ISTIOD_HOST,
    port: SECURE_PORT,
    keyLog: world.keyLog,
    signatures: new SignatureCache(),
  };
});

const seconds = (n: number) => world.sim.runUntil(world.sim.now + n * SEC);
const istiodLog = (): string[] =>
  runAt(world, "node-a", "kubectl logs -n istio-system -l app=istiod --tail=-1").stdout.split("\n");

/** Keeps what comes. */
class Heard implements XdsOwner {
  resources = new Map<string, Address>();
  events: string[] = [];
  log: string[] = [];
  refuse = "";

  added(type: string, name: string, message: object): string | null {
    if (name === this.refuse) return "no, thank you";
    this.events.push(`+${name}`);
    if (type === ADDRESS_TYPE) this.resources.set(name, message as Address);
    return null;
  }
  removed(_type: string, name: string): void {
    this.events.push(`-${name}`);
    this.resources.delete(name);
  }
  synced(type: string): void {
    this.events.push(`=${type}`);
  }
  xdsLog(level: string, span: string, text: string): void {
    this.log.push(`${level} ${span} ${text}`);
  }
}

describe("delta discovery", () => {
  const NODE = {
    id: `ztunnel~10.4.3.14~${ZTUNNEL_B}.istio-system~istio-system.svc.cluster.local`,
    metadata: { NAMESPACE: "istio-system", NODE_NAME: "node-b", NAME: ZTUNNEL_B },
  };
  let heard: Heard;
  let client: XdsClient;
  const start = (node = NODE) => {
    heard = new Heard();
    client = new XdsClient(
      { ...upstream, userAgent: "ztunnel", messages: [ADDRESS, AUTHORIZATION], node },
      heard,
    );
    client.start();
    seconds(1);
  };
  const workload = (name: string): Workload | null => {
    const found = heard.resources.get(name)?.type;
    return found?.case === "workload" ? found.value : null;
  };

  it("begins with everything, and says when that is all", () => {
    start();
    expect(heard.log).toEqual(["info xds{id=1} Stream established"]);
    expect(heard.events.filter((event) => event.startsWith("="))).toEqual([
      "=type.googleapis.com/istio.workload.Address",
      "=type.googleapis.com/istio.security.Authorization",
    ]);
    const names = [...heard.resources.keys()];
    expect(names).toContain("Kubernetes//Pod/default/productpage-v1-5586c4d4ff-qxz9f");
    expect(names).toContain("default/productpage.default.svc.cluster.local");
    expect(workload("Kubernetes//Pod/default/productpage-v1-5586c4d4ff-qxz9f")).toMatchObject({
      addresses: [Uint8Array.of(10, 4, 3, 20)],
      serviceAccount: "bookinfo-productpage",
      node: "node-b",
      trustDomain: "",
      canonicalName: "productpage",
      canonicalRevision: "v1",
      status: 0,
      tunnelProtocol: 0,
      services: {
        "default/productpage.default.svc.cluster.local": {
          ports: [{ servicePort: 9080, targetPort: 9080 }],
        },
      },
    });
    expect(
      heard.resources.get("default/productpage.default.svc.cluster.local")?.type,
    ).toMatchObject({
      case: "service",
      value: {
        addresses: [{ network: "", address: Uint8Array.of(10, 8, 14, 226) }],
        ports: [{ servicePort: 9080, targetPort: 9080, appProtocol: 1 }],
        canonical: true,
      },
    });
  });

  it("goes on with what changes", () => {
    start();
    heard.events = [];
    runAt(world, "node-a", "kubectl delete pod sleep-5644bdc767-2dfg7 --grace-period=0 --force");
    seconds(5);
    const gone = "Kubernetes//Pod/default/sleep-5644bdc767-2dfg7";
    expect(heard.events).toContain(`-${gone}`);
    expect(heard.resources.has(gone)).toBe(false);
    const fresh = [...heard.resources.keys()].find((name) =>
      name.startsWith("Kubernetes//Pod/default/sleep-"),
    );
    expect(workload(fresh ?? "")?.status).toBe(0);
    // Nothing else.
    expect(heard.events.filter((event) => !event.includes("/sleep-"))).toEqual([]);
  });

  it("after a new connection only what is new is sent", () => {
    start();
    heard.events = [];
    runAt(world, "node-a", "kubectl delete pod -n istio-system -l app=istiod");
    seconds(20);
    expect(heard.log.at(-1)).toMatch(/^info xds\{id=\d+\} Stream established$/);
    // The other istiod, and nobody else.
    expect(heard.events.filter((event) => !/istiod/.test(event))).toEqual([]);
    expect(heard.events.some((event) => event.startsWith("+"))).toBe(true);
  });

  it("without istiod it tries again, after longer and longer", () => {
    start();
    runAt(world, "node-a", "kubectl delete deploy -n istio-system istiod");
    seconds(2);
    const error = (id: number, delay: string) =>
      `warn xds{id=${id}} XDS client connection error: gRPC connection error connecting to https://istiod.istio-system.svc:15012: status: Unknown, message: "client error (Connect)", source: tcp connect error: Connection refused (os error 111), retrying in ${delay}`;
    expect(heard.log.slice(1, 6)).toEqual(
      ["20ms", "40ms", "80ms", "160ms", "320ms"].map((delay, i) => error(i + 2, delay)),
    );
  });

  it("a resource that is refused is said to istiod", () => {
    heard = new Heard();
    heard.refuse = "default/details.default.svc.cluster.local";
    client = new XdsClient(
      { ...upstream, userAgent: "ztunnel", messages: [ADDRESS], node: NODE },
      heard,
    );
    client.start();
    seconds(1);
    expect(heard.log.at(-1)).toContain(
      'type=Nack error="default/details.default.svc.cluster.local: no, thank you"',
    );
    expect(istiodLog()).toContainEqual(
      expect.stringMatching(
        /\twarn\tdelta\tADS:WDS: ACK ERROR ztunnel-z4qmh\.istio-system-\d+ OK:default\/details/,
      ),
    );
    expect(heard.events.filter((event) => event.startsWith("="))).toEqual([]);
    // It is not confirmed, and yet nothing is waited for.
    const refused = [...(world.controlPlane?.discovery.streams ?? [])].find(({ watched }) =>
      [...watched.values()].some(({ lastError }) => lastError),
    );
    expect(refused?.idle).toBe(true);
    expect([...(refused?.watched.values() ?? [])]).toMatchObject([
      { lastError: "default/details.default.svc.cluster.local: no, thank you", nonceAcked: "" },
    ]);
  });

  it("nobody says that they are of another namespace", () => {
    start({ ...NODE, metadata: { ...NODE.metadata, NAMESPACE: "default" } });
    expect(heard.log[0]).toMatch(
      /^warn xds\{id=1\} XDS client connection error: .*: status: PermissionDenied, message: "authorization failed: no identities \(\[spiffe:\/\/cluster\.local\/ns\/istio-system\/sa\/ztunnel\]\) matched default\/", retrying in 20ms$/,
    );
  });
});

describe("certificates in other names", () => {
  class Told implements SecretsOwner {
    lines: string[] = [];
    fetched(id: string, { status }: Secret): void {
      this.lines.push(`${id} ${status}`);
    }
    failed(id: string, { code, message }: Status): void {
      this.lines.push(`${id} ${code} ${message}`);
    }
  }
  let told: string[];
  let secrets: WorkloadSecrets;
  beforeEach(() => {
    const owner = new Told();
    told = owner.lines;
    const issuer = new CertificateClient({
      ...upstream,
      userAgent: "ztunnel",
      tokens: new MountedToken(process),
      impersonate: true,
      words: "rust",
    });
    secrets = new WorkloadSecrets(world.sim, "test", issuer, owner);
  });

  it("are given for who runs on the node", () => {
    expect(secrets.ask(PRODUCTPAGE).status).toBe("Initializing");
    seconds(1);
    expect(told).toEqual([`${PRODUCTPAGE} Available`]);
    const chain = secrets.identity(PRODUCTPAGE)?.chain ?? [];
    expect(chain.flatMap((certificate) => uriNames(certificate))).toEqual([PRODUCTPAGE]);
    expect(secrets.roots().map(({ der }) => der)).toEqual([world.authority?.root.der]);
  });

  it("and refused for who does not; why, istiod's log says", () => {
    secrets.ask(SLEEP);
    seconds(0.5);
    const refused = "request impersonation authentication failure";
    expect(told).toEqual([`${SLEEP} UNAUTHENTICATED ${refused}`]);
    expect(secrets.held.get(SLEEP)?.status).toBe(`Unavailable: ${refused}`);
    expect(istiodLog()).toContainEqual(
      expect.stringMatching(
        /\twarn\tserverca\timpersonation failed for identity spiffe:\/\/cluster\.local\/ns\/default\/sa\/sleep, error: no instances of "default\/sleep" found on node "node-b"\tclient=10\.4\.3\.14:\d+$/,
      ),
    );
    // A second later, two after that.
    seconds(4);
    expect(told).toHaveLength(3);
  });

  it("who is no node's proxy has none but its own", () => {
    const pod = world.cluster?.store.get("Pod", ZTUNNEL_B, "istio-system");
    if (!pod || !world.cluster?.tokens) throw new Error("no pod");
    const other = world.cluster.store
      .list("Pod")
      .find((one) => one.metadata.labels?.app === "sleep");
    const { name = "", uid = "" } = other?.metadata ?? {};
    const token = world.cluster.tokens.request(
      ...(["node-a", "default", "sleep", { name, uid }, "istio-ca", 3600] as const),
    );
    process.machine.fs.writeFile("/var/run/secrets/tokens/istio-token", token ?? "");
    secrets.ask(PRODUCTPAGE);
    seconds(0.5);
    expect(told[0]).toContain("request impersonation authentication failure");
    expect(istiodLog().at(-2)).toContain(
      "error: caller (default/sleep) is not allowed to impersonate",
    );
  });

  it("tokens end, and are for one audience", () => {
    const { tokens } = world.cluster ?? {};
    if (!tokens) throw new Error("no tokens");
    const pod = world.cluster?.store.get("Pod", ZTUNNEL_B, "istio-system")?.metadata;
    const ask = (node: string, audience: string, lifetime: number) =>
      tokens.request(
        ...([node, "istio-system", "ztunnel", pod ?? { name: "", uid: "" }] as const),
        ...([audience, lifetime] as const),
      ) ?? "";
    const short = ask("node-b", "istio-ca", 10);
    expect(tokens.review(short, ["istio-ca"]).user).toMatchObject({ serviceAccount: "ztunnel" });
    expect(tokens.review(ask("node-b", "vault", 600), ["istio-ca"]).error).toBe(
      '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["istio-ca"]]',
    );
    // Another node does not get one for a pod that is not its own.
    expect(ask("node-a", "istio-ca", 600)).toBe("");
    seconds(20);
    expect(tokens.review(short, ["istio-ca"]).error).toBe(
      "[invalid bearer token, service account token has expired]",
    );
  });

  it("a renewal that fails leaves what is held; worlds with secrets are remembered", () => {
    secrets.ask(PRODUCTPAGE);
    seconds(1);
    remember(secrets, [world.sim.trace, ...world.sim.trace.rings]);
    process.machine.fs.writeFile("/var/run/secrets/tokens/istio-token", "x.y.z");
    secrets.fetch(PRODUCTPAGE);
    seconds(1);
    expect(told.at(-1)).toBe(`${PRODUCTPAGE} UNAUTHENTICATED request authenticate failure`);
    expect(secrets.held.get(PRODUCTPAGE)?.status).toBe("Available");
  });
});
