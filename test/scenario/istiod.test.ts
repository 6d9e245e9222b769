import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/base/text.ts";
import { remember } from "../../src/sim/memento.ts";
import { SEC } from "../../src/sim/sim.ts";
import type { World } from "../../src/world/world.ts";
import { agentOf, makeWorld, runAt, watch } from "./kit.ts";

/** Certificates and configuration, as they travel to and from istiod. */

const ZTUNNEL_A = "ztunnel-rts54";
const ZTUNNEL_B = "ztunnel-z4qmh";
const URL = "http://10.8.14.226:9080/";
const SLEEP = "spiffe://cluster.local/ns/default/sa/sleep";

let world: World;
const curl = (flags = "") =>
  runAt(world, "sleep", `curl -s -o /dev/null -w '%{http_code}' ${flags} ${URL}`).stdout;
const logs = (pod: string) =>
  runAt(world, "node-a", `kubectl logs -n istio-system ${pod}`).stdout.trimEnd().split("\n");
const istiod = () => {
  for (const pod of world.cluster?.store.list("Pod") ?? [])
    if (pod.metadata.labels?.app === "istiod" && !pod.metadata.deletionTimestamp)
      return pod.metadata.name;
  throw new Error("no istiod");
};

describe("the start of the ambient world of 2022", () => {
  let seen: ReturnType<typeof watch<void>>;

  beforeAll(() => {
    world = makeWorld("ambient-2022", { boot: false });
    seen = watch(world, () => world.boot());
  });

  it("each agent opens two connections to istiod: for configuration, and for certificates", () => {
    const opening = seen.stories.filter(
      ({ what, head }) => what === "SYN" && head.dstPort === 15012 && head.dst === "10.8.6.14",
    );
    expect(opening.map(({ head }) => head.src).sort()).toEqual([
      "10.4.3.14",
      "10.4.3.14",
      "10.4.4.18",
      "10.4.4.18",
    ]);
  });

  const tshark = spawnSync("tshark", ["--version"]).status === 0;
  if (!tshark) console.warn("istiod: no tshark here, the capture was not decrypted");
  it.skipIf(!tshark)("tshark reads the calls with our key log", { timeout: 60_000 }, () => {
    const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
    try {
      const [capture, keys] = [join(dir, "x.pcapng"), join(dir, "keys.log")];
      const file = seen.files.find(({ name }) => name === ZTUNNEL_B);
      writeFileSync(capture, concatBytes(file ? [file.data] : []));
      writeFileSync(keys, world.keyLog.map((line) => `${line}\n`).join(""));
      const tsharkFields = (filter: string, ...fields: string[]) => {
        const ran = spawnSync(
          "tshark",
          [
            ...["-r", capture, "-o", `tls.keylog_file:${keys}`, "-d", "tcp.port==15012,tls"],
            ...["-Y", filter, "-T", "fields", ...fields.flatMap((field) => ["-e", field])],
          ],
          { encoding: "utf8" },
        );
        expect(ran.status, ran.stderr).toBe(0);
        return ran.stdout.split("\n").filter(Boolean);
      };
      const paths = tsharkFields("http2.headers.path", "http2.headers.path").flatMap((line) =>
        line.split(","),
      );
      const ads =
        "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
      expect(paths.filter((path) => path === ads)).toHaveLength(1);
      expect(
        paths.filter((path) => path === "/istio.v1.auth.IstioCertificateService/CreateCertificate"),
      ).toHaveLength(6);
      const grpc = tsharkFields("grpc", "grpc.message_length");
      const lengths = grpc.flatMap((line) => line.split(",")).map(Number);
      // The listeners of a node with six workloads.
      expect(Math.max(...lengths)).toBeGreaterThan(50_000);
      // 8388608 is what Wireshark paints red.
      expect(
        tsharkFields("_ws.expert.severity == 8388608 || _ws.malformed", "frame.number"),
      ).toEqual([]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("istiod says whom it serves", () => {
    const said = logs(istiod()).map((line) => line.split("\t").slice(1).join(" "));
    expect(said).toContain("info ads ADS: new connection for node:ztunnel-rts54.istio-system-1");
    expect(said).toContainEqual(
      expect.stringMatching(/^info ads LDS: PUSH request for node:\S+ resources:8 size:[\d.]+kB$/),
    );
    const agent = logs(ZTUNNEL_A).map((line) => line.split("\t").slice(1).join(" "));
    expect(agent).toContain(
      "info xdsproxy connected to upstream XDS server: istiod.istio-system.svc:15012",
    );
    expect(agent).toContain("info Envoy proxy is ready");
  });

  it("is quiet afterwards, but for keepalives every 30 seconds", () => {
    const ports = (stories: (typeof seen)["stories"]) =>
      stories.filter(({ head }) => [head.dstPort, head.srcPort].includes(15012)).length;
    const first = watch(world, () => world.sim.runUntil(world.sim.now + 20 * SEC));
    expect(ports(first.stories)).toBe(0);
    const second = watch(world, () => world.sim.runUntil(world.sim.now + 20 * SEC));
    expect(ports(second.stories)).toBeGreaterThan(0);
  });
});

describe("istiod's own pages", () => {
  beforeAll(() => {
    world = makeWorld("ambient-2022");
  });

  it("say what each proxy has been sent and has confirmed, to who asks from where it runs", () => {
    const pod = istiod();
    const syncz = JSON.parse(runAt(world, pod, "curl -s localhost:15014/debug/syncz").stdout);
    expect(syncz.map(({ proxy }: { proxy: string }) => proxy)).toEqual([
      `${ZTUNNEL_A}.istio-system`,
      `${ZTUNNEL_B}.istio-system`,
    ]);
    for (const { listener_sent, listener_acked, cluster_sent, cluster_acked } of syncz) {
      expect(listener_sent).toMatch(/^2022-11-21T08:00:00Z\/\d+[0-9a-f-]{36}$/);
      expect([listener_acked, cluster_acked]).toEqual([listener_sent, cluster_sent]);
    }
    const status = (from: string, url: string) =>
      runAt(world, from, `curl -s -o /dev/null -w '%{http_code}' ${url}`).stdout;
    expect(status("node-b", "10.4.4.9:15014/debug/syncz")).toBe("401");
    expect(status("node-b", "10.4.4.9:8080/ready")).toBe("200");
    expect(status(pod, "localhost:15014/ready")).toBe("404");
  });
});

describe("the configuration that a ztunnel shows", () => {
  interface Dump {
    configs: Record<string, unknown>[];
  }
  let dump: Dump;
  const section = (kind: string) =>
    dump.configs.find((config) => String(config["@type"]).endsWith(`.${kind}ConfigDump`));
  /** By a path of keys and indexes. */
  const at = (value: unknown, ...path: (string | number)[]): unknown =>
    path.reduce<unknown>((one, key) => (one as Record<string, unknown> | undefined)?.[key], value);
  const named = (list: unknown, name: string): unknown =>
    (list as { name?: string; cluster?: { name: string } }[]).find(
      (one) => (one.name ?? one.cluster?.name) === name,
    );
  const SERVICE = `${SLEEP}_to_http_productpage.default.svc.cluster.local_outbound_internal`;

  beforeAll(() => {
    world = makeWorld("ambient-2022");
    const { stdout } = runAt(
      world,
      "node-a",
      `kubectl exec -n istio-system ${ZTUNNEL_A} -c istio-proxy -- curl -s "127.0.0.1:15000/config_dump?include_eds"`,
    );
    dump = JSON.parse(stdout) as Dump;
  });

  it("the outbound listener matches port, source, destination, port", () => {
    const state = named(section("Listeners")?.dynamic_listeners, "ztunnel_outbound");
    const listener = at(state, "active_state", "listener");
    expect(listener).toMatchObject({
      "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
      address: { socket_address: { address: "0.0.0.0", port_value: 15001 } },
      use_original_dst: true,
      transparent: true,
      socket_options: [{ level: "1", name: "36", int_value: "1025" }],
    });
    const by = "matcher_tree";
    const map = "exact_match_map";
    const sources = at(listener, "filter_chain_matcher", "on_no_match", "matcher");
    const action = at(
      ...([sources, by, map, "map", "10.4.4.19", "matcher"] as const),
      ...([by, map, "map", "10.8.14.226", "matcher", by, map, "map", "9080", "action"] as const),
    );
    expect(action).toEqual({
      name: SERVICE,
      typed_config: {
        "@type": "type.googleapis.com/google.protobuf.StringValue",
        value: SERVICE,
      },
    });
    expect(at(state, "active_state", "version_info")).toMatch(/^2022-11-21T08:00:00Z\/\d+$/);
  });

  it("the service's endpoint leads into an internal listener, with the tunnel's address", () => {
    const assignments = section("Endpoints")?.dynamic_endpoint_configs as {
      endpoint_config: { cluster_name: string };
    }[];
    const found = assignments.find((one) => one.endpoint_config.cluster_name === SERVICE);
    expect(found?.endpoint_config).toEqual({
      "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
      cluster_name: SERVICE,
      endpoints: [
        {
          locality: {},
          lb_endpoints: [
            {
              endpoint: {
                address: {
                  envoy_internal_address: {
                    server_listener_name: `outbound_tunnel_lis_${SLEEP}`,
                    endpoint_id: "10.4.3.20:9080",
                  },
                },
                health_check_config: {},
              },
              health_status: "HEALTHY",
              metadata: {
                filter_metadata: {
                  "envoy.transport_socket_match": { tunnel: "h2" },
                  tunnel: { address: "10.4.3.20:15008", destination: "10.4.3.20:9080" },
                },
              },
              load_balancing_weight: 1,
            },
          ],
        },
      ],
      policy: { overprovisioning_factor: 140 },
    });
  });

  it("the pods' tunnel cluster overrides the port and presents a workload's secret", () => {
    const clusters = section("Clusters")?.dynamic_active_clusters;
    const cluster = at(named(clusters, `outbound_pod_tunnel_clus_${SLEEP}`), "cluster");
    expect(cluster).toMatchObject({
      type: "ORIGINAL_DST",
      connect_timeout: "2s",
      lb_policy: "CLUSTER_PROVIDED",
      cleanup_interval: "60s",
      original_dst_lb_config: { upstream_port_override: 15008 },
    });
    const secret = at(
      ...([cluster, "transport_socket", "typed_config", "common_tls_context"] as const),
      ...(["tls_certificate_sds_secret_configs", 0, "name"] as const),
    );
    expect(secret).toMatch(new RegExp(`^${SLEEP}~sleep-5644bdc767-2dfg7~[0-9a-f-]{36}$`));
    const secrets = section("Secrets")?.dynamic_active_secrets as { name: string }[];
    expect(secrets.map(({ name }) => name)).toEqual([secret, "ROOTCA"]);
  });

  it("without include_eds there are no endpoints; other pages say how it is", () => {
    const admin = (path: string, port = 15000) =>
      runAt(world, ZTUNNEL_A, `curl -s -w '%{http_code}' 127.0.0.1:${port}${path}`).stdout;
    expect(admin("/config_dump")).not.toContain("EndpointsConfigDump");
    expect(admin("/ready")).toBe("LIVE\n200");
    expect(admin("/healthz/ready", 15021)).toBe("200");
    expect(admin("/listeners")).toContain("ztunnel_outbound::0.0.0.0:15001\n");
    expect(admin("/clusters")).toContain(`${SERVICE}::envoy://outbound_tunnel_lis_`);
    expect(admin("/certs")).toContain('"valid_from": "2022-11-21T07:58:00Z"');
    expect(admin("/nothing")).toMatch(/^invalid path\..*404$/s);
  });

  it("the connections to istiod are pilot-agent's, the listeners Envoy's", () => {
    const sockets = runAt(world, ZTUNNEL_A, "ss -Htnp").stdout;
    expect(sockets.match(/10\.8\.6\.14:15012 .*"pilot-agent"/g)).toHaveLength(2);
    expect(runAt(world, ZTUNNEL_A, "ss -Htlnp").stdout).toMatch(/:15001 .*"envoy"/);
  });
});

describe("what changes is pushed", () => {
  beforeEach(() => {
    world = makeWorld("ambient-2022");
  });

  it("a pod that goes is no endpoint any more; its successor is one", () => {
    expect(curl()).toBe("200");
    runAt(world, "node-a", "kubectl delete pod productpage-v1-5586c4d4ff-qxz9f");
    world.sim.runUntil(world.sim.now + 5 * SEC);
    expect(curl()).toBe("200");
    const clusters = runAt(world, ZTUNNEL_A, "curl -s 127.0.0.1:15000/clusters").stdout;
    const hosts = [...clusters.matchAll(/_to_http_productpage\S*\/(10\.4\.3\.\d+:9080)::weight/g)];
    expect(new Set(hosts.map(([, host]) => host)).size).toBe(1);
    expect(clusters).not.toContain("10.4.3.20:9080");
  });

  it("a ztunnel that has forgotten everything asks again", () => {
    runAt(world, "node-a", `kubectl delete pod -n istio-system ${ZTUNNEL_A}`);
    world.sim.runUntil(world.sim.now + 5 * SEC);
    expect(curl()).toBe("200");
  });

  it("a world with its connections to istiod is remembered, and put back", () => {
    const { trace } = world.sim;
    const before = remember(world, trace.rings);
    const act = () => {
      runAt(world, "node-a", "kubectl delete pod productpage-v1-5586c4d4ff-qxz9f");
      world.sim.runUntil(world.sim.now + 5 * SEC);
      return [curl(), trace.next];
    };
    const first = act();
    before.restore();
    expect(act()).toEqual(first);
  });
});

describe("when istiod is not there", () => {
  beforeEach(() => {
    world = makeWorld("ambient-2022");
  });

  const removeIstiod = () => runAt(world, "node-a", "kubectl delete deploy -n istio-system istiod");

  it("what is configured goes on; Envoy says so after half a minute", () => {
    removeIstiod();
    world.sim.runUntil(world.sim.now + 10 * SEC);
    expect(curl()).toBe("200");
    const warnings = () => logs(ZTUNNEL_A).filter((line) => line.includes("\twarning\t"));
    expect(warnings()).toEqual([]);
    world.sim.runUntil(world.sim.now + 60 * SEC);
    expect(warnings()[0]).toMatch(
      /\twarning\tenvoy config\tStreamAggregatedResources gRPC config stream to xds-grpc closed since \d+s ago: 14, connection error: desc = "transport: Error while dialing dial tcp: connect: connection refused"$/,
    );
    expect(curl()).toBe("200");
  });

  it("a new one is found by itself, and told what is had", () => {
    runAt(world, "node-a", `kubectl delete pod -n istio-system ${istiod()}`);
    world.sim.runUntil(world.sim.now + 40 * SEC);
    const connected = logs(ZTUNNEL_A).filter((line) =>
      line.endsWith("connected to upstream XDS server: istiod.istio-system.svc:15012"),
    );
    expect(connected).toHaveLength(2);
    expect(curl()).toBe("200");
  });

  it("a certificate is kept until it expires; then there is none, and no tunnel", () => {
    expect(curl()).toBe("200");
    removeIstiod();
    world.sim.runUntil(world.sim.now + SEC);
    const { secrets, ztunnel } = agentOf(world, ZTUNNEL_A);
    for (const id of secrets.held.keys()) secrets.fetch(id);
    world.sim.runUntil(world.sim.now + SEC);
    expect(logs(ZTUNNEL_A)).toContainEqual(
      expect.stringMatching(
        /\terror\tcache\tresource:\S+ failed to sign: create certificate: rpc error: code = Unavailable desc = connection error: /,
      ),
    );
    for (const { tunnel } of [...ztunnel.pool.entries.values()]) tunnel?.close();
    expect(curl()).toBe("200");
    // A day later by the clocks.
    world.sim.epoch += 25 * 3600 * 1000;
    for (const { tunnel } of [...ztunnel.pool.entries.values()]) tunnel?.close();
    expect(curl("--max-time 3")).toBe("000");
    expect(logs(ZTUNNEL_A).at(-1)).toContain(" UF ");
  });
});

describe("whom istiod does not believe", () => {
  const TOKEN = "/var/run/secrets/tokens/istio-token";
  const restart = (script: string) => {
    runAt(world, ZTUNNEL_A, script);
    runAt(world, "node-a", `kubectl delete pod -n istio-system ${istiod()}`);
    world.sim.runUntil(world.sim.now + 45 * SEC);
  };
  beforeEach(() => {
    world = makeWorld("ambient-2022");
  });

  it("a token that was changed is nobody's", () => {
    restart(`cut -c 5- ${TOKEN} > /tmp/t; cp /tmp/t ${TOKEN}`);
    expect(logs(ZTUNNEL_A)).toContainEqual(
      expect.stringMatching(
        /\twarning\tenvoy config\tStreamAggregatedResources gRPC config stream to xds-grpc closed: 16, authentication failure$/,
      ),
    );
    expect(logs(istiod())).toContainEqual(
      expect.stringMatching(
        /\terror\tsecurity\tFailed to authenticate client from 10\.4\.4\.18:\d+: Authenticator ClientCertAuthenticator: no verified chain is found; Authenticator KubeJWTAuthenticator: failed to validate the JWT from cluster "Kubernetes": the token is not authenticated$/,
      ),
    );
    // What it was told before it goes by.
    expect(curl()).toBe("200");
  });

  it("nor is one whose signature is another's", () => {
    restart(`T=$(cat ${TOKEN}); printf '%s' "\${T%.*}.$(printf 'A%.0s' $(seq 86))" > ${TOKEN}`);
    expect(logs(istiod())).toContainEqual(
      expect.stringContaining(
        "the service account authentication returns an error: [invalid bearer token, square/go-jose: error in cryptographic primitive]",
      ),
    );
  });

  it("a client that does not know the root does not believe istiod", () => {
    restart("echo > /var/run/secrets/istio/root-cert.pem");
    world.sim.runUntil(world.sim.now + 60 * SEC);
    expect(logs(ZTUNNEL_A)).toContainEqual(
      expect.stringMatching(
        /xds-grpc closed since \d+s ago: 14, connection error: desc = "transport: authentication handshake failed: x509: certificate signed by unknown authority"$/,
      ),
    );
    expect(curl()).toBe("200");
  });
});
