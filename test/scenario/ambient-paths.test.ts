import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { PacketStory, Step } from "../../src/journey/story.ts";
import type { KubeObject } from "../../src/kube/api/meta.ts";
import type { Cluster } from "../../src/kube/cluster.ts";
import { deletePod } from "../../src/kube/deletion.ts";
import { compileWorld } from "../../src/lab/compile/world.ts";
import { runScript } from "../../src/shell/script.ts";
import { SEC } from "../../src/sim/sim.ts";
import { World } from "../../src/world/world.ts";
import { devices, runAt, watch } from "./kit.ts";

/**
 * The ways through the ambient data path that the lesson's one request does not take (istio's own
 * code, 2022 preview): same node, from the host, from outside the mesh, to outside the mesh, UDP,
 * and a ztunnel that goes away.
 */

const file = join(import.meta.dirname, "../../lessons/worlds/ambient-2022.yaml");
const ZTUNNEL_A = "ztunnel-rts54";
const ZTUNNEL_B = "ztunnel-z4qmh";
const NOTES = '{"note":1}';
const OUTSIDE = '{"outside":true}';

/** The lesson's world, a second meshed pod on node A, and a pod outside the mesh on node B. */
function makeWorld(): World {
  const spec = compileWorld("ambient-2022.yaml", "ambient-2022", readFileSync(file, "utf8"));
  const { cluster } = spec;
  const server = cluster?.pods.find((pod) => pod.app === "json");
  if (!cluster || !server) throw new Error("the world has no server to copy");
  const add = (name: string, namespace: string, node: string, ip: string, answer: string) => {
    const labels = { app: name };
    const owner = "";
    cluster.pods.push({ ...server, name: `${name}-1`, namespace, node, ip, answer, labels, owner });
  };
  cluster.namespaces.push({ name: "plain", labels: {} });
  add("notes", "default", "node-a", "10.4.4.20", NOTES);
  add("outsider", "plain", "node-b", "10.4.3.40", OUTSIDE);
  const service = cluster.services.find((one) => one.name === "details");
  if (!service) throw new Error("the world has no service to copy");
  const serve = (name: string, namespace: string, clusterIp: string) =>
    cluster.services.push({ ...service, name, namespace, clusterIp, selector: { app: name } });
  serve("notes", "default", "10.8.20.20");
  serve("outsider", "plain", "10.8.20.21");
  return new World(spec);
}

let world: World;
beforeEach(() => {
  world = makeWorld();
});

/** The lines of Envoy's access log; what the agent says begins with a time of day of its own. */
const log = (name: string): string[] =>
  [...(world.nodes?.workers.values() ?? [])]
    .flatMap(({ pod, containers }) => (pod.metadata.name === name ? containers : []))
    .flatMap((container) => container.log.lines.map((line) => line.text))
    .filter((line) => line.startsWith("["));

const curl = (at: string, url: string) =>
  runAt(world, at, `curl -sS --max-time 5 -w ' %{http_code}' ${url}`);

const steps = (stories: PacketStory[]): Step[] =>
  stories.flatMap((story) => story.legs.flatMap((leg) => leg.steps));

/** The first packets of connections: to where, and over what. */
const opening = (stories: PacketStory[], dst: string) =>
  stories.filter(
    (story) =>
      story.what.startsWith("SYN") && !story.what.includes("ACK") && story.head.dst === dst,
  );

describe("traffic that stays on its node", () => {
  it("is tunnelled inside the ztunnel: 15088 is redirected to 15008", () => {
    const { result, stories } = watch(world, () => curl("sleep", "notes:9080/"));
    expect(result.stdout).toBe(`${NOTES} 200`);
    expect(devices(opening(stories, "10.8.20.20")[0] as PacketStory).slice(-1)).toEqual([
      `${ZTUNNEL_A} pistioout In`,
    ]);
    const redirect = steps(stories).find(
      (step) => step.kind === "rule" && step.text.includes("--dport 15088 -j REDIRECT"),
    );
    expect(redirect?.facts).toMatchObject({ table: "nat", chain: "OUTPUT" });
    const tcp = stories.filter((story) => story.head.protocol === "TCP");
    expect(
      tcp.flatMap((story) => devices(story)).filter((at) => /node-[ab] eth0/.test(at)),
    ).toEqual([]);
    expect(log(ZTUNNEL_A).map((line) => line.split(" ").slice(-2).join(" "))).toEqual([
      "inbound hcm",
      "outbound tunnel",
      "waypoint proxy)",
    ]);
    expect(log(ZTUNNEL_B)).toEqual([]);
  });

  it("goes the same way to a pod's own address", () => {
    expect(curl("sleep", "10.4.4.20:9080/").stdout).toBe(`${NOTES} 200`);
    // Straight into the tunnel's cluster, without the internal listener between.
    expect(log(ZTUNNEL_A).map((line) => line.split(" ").slice(-5).join(" "))).toEqual([
      expect.stringMatching(/inbound hcm$/),
      "outbound pod (no waypoint proxy)",
    ]);
    expect(log(ZTUNNEL_A)[1]).toContain(
      " outbound_pod_local_tunnel_clus_spiffe://cluster.local/ns/default/sa/sleep ",
    );
  });
});

describe("plaintext into the mesh", () => {
  it("from the host itself goes straight to the pod, marked 0x220", () => {
    const { result, stories } = watch(world, () => curl("node-b", "10.4.3.20:9080/"));
    expect(result.stdout).toContain("200");
    const syn = opening(stories, "10.4.3.20");
    expect(syn).toHaveLength(1);
    expect(syn[0]?.head.src).toBe("10.4.3.1");
    expect(devices(syn[0] as PacketStory)).toEqual([
      expect.stringMatching(/^node-b veth\w+ Out$/),
      "productpage-v1-5586c4d4ff-qxz9f eth0 In",
    ]);
    expect(steps(syn).find((step) => step.kind === "mark")?.text).toContain("0x220");
    expect(log(ZTUNNEL_B)).toEqual([]);
  });

  it("from a pod outside the mesh is taken at 15006 and goes on in the client's name", () => {
    const { result, stories } = watch(world, () => curl("outsider-1", "10.8.14.226:9080/"));
    expect(result.stdout).toContain("200");
    const [there] = opening(stories, "10.8.14.226");
    const [onwards] = opening(stories, "10.4.3.20");
    expect(devices(there as PacketStory).slice(-2)).toEqual([
      `${ZTUNNEL_B} eth0 In`,
      `${ZTUNNEL_B} pistioin In`,
    ]);
    expect(steps([there as PacketStory]).find((step) => step.kind === "tproxy")?.text).toContain(
      "15006",
    );
    expect(onwards?.head.src).toBe("10.4.3.40");
    expect(devices(onwards as PacketStory)[0]).toBe(`${ZTUNNEL_B} eth0 Out`);
    expect(log(ZTUNNEL_B)).toEqual([
      expect.stringMatching(/ virtual_inbound .* capture inbound listener plaintext$/),
    ]);
  });
});

describe("a policy", () => {
  it("ends what comes without a certificate at its first byte", () => {
    runAt(
      world,
      "node-a",
      `kubectl apply -f - <<'EOF'
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: { name: mesh-only }
spec: { rules: [{ from: [{ source: { principals: ["*"] } }] }] }
EOF`,
    );
    world.sim.runUntil(world.sim.now + SEC);
    const said = runAt(world, "outsider-1", "curl -sS 10.8.14.226:9080/");
    expect(said.stderr).toBe("curl: (52) Empty reply from server\n");
    expect(log(ZTUNNEL_B)).toEqual([
      expect.stringMatching(
        / 0 - - rbac_access_denied_matched_policy\[none\] .* virtual_inbound .* capture inbound listener plaintext$/,
      ),
    ]);
    expect(curl("sleep", "10.8.14.226:9080/").stdout).toContain("200");
  });
});

describe("traffic out of the mesh", () => {
  it("passes through the ztunnel to a Service whose pods are not in it", () => {
    const { result, stories } = watch(world, () => curl("sleep", "outsider.plain:9080/"));
    expect(result.stdout).toBe(`${OUTSIDE} 200`);
    const [onwards] = opening(stories, "10.4.3.40");
    expect(onwards?.head.src).toBe("10.4.4.19");
    expect(devices(onwards as PacketStory)[0]).toBe(`${ZTUNNEL_A} eth0 Out`);
    expect(log(ZTUNNEL_A)).toEqual([
      expect.stringMatching(
        /_to_http_outsider\.plain\.svc\.cluster\.local_outbound_internal .* capture outbound \(no waypoint proxy\)$/,
      ),
    ]);
    expect(log(ZTUNNEL_B)).toEqual([]);
  });

  it("passes through to an address that no Service has, and ends where that ends", () => {
    expect(curl("sleep", "10.4.3.40:9080/").stdout).toBe(`${OUTSIDE} 200`);
    const refused = curl("sleep", "10.168.15.224:9999/");
    expect(refused.stderr).toContain("curl: (56) Recv failure: Connection reset by peer");
    expect(refused.status).toBe(56);
    expect(log(ZTUNNEL_A).map((line) => / PassthroughCluster-tcp /.test(line))).toEqual([
      true,
      true,
    ]);
  });

  it("leaves UDP alone", () => {
    const { result, stories } = watch(world, () =>
      runAt(world, "sleep", "dig +short notes.default.svc.cluster.local"),
    );
    expect(result.stdout).toBe("10.8.20.20\n");
    const crossed = stories.flatMap((story) => devices(story));
    expect(crossed.filter((at) => /istio/.test(at))).toEqual([]);
    expect(steps(stories).some((step) => step.text.includes("KUBE-SERVICES"))).toBe(true);
  });
});

describe("a ztunnel that stops", () => {
  it("closes what it held; its node's meshed pods have no way out until it is back", () => {
    const sleep = world.machine("sleep");
    if (!sleep) throw new Error("no sleep");
    runScript(sleep, "nc 10.8.14.226 9080; sleep 1000\n");
    world.sim.runUntil(world.sim.now + SEC);
    const established = () => runAt(world, "sleep", "ss -Htn").stdout;
    expect(established()).toContain("10.8.14.226:9080");
    const pod = world.cluster?.store.list("Pod").find((one) => one.metadata.name === ZTUNNEL_A);
    if (!pod) throw new Error("no ztunnel");
    // Nobody starts another in its place.
    const { store } = world.cluster as Cluster;
    for (const one of store.list("Pod", "istio-system"))
      store.edit(one, ({ metadata }) => {
        delete metadata.ownerReferences;
      });
    store.remove(store.get("DaemonSet", "ztunnel", "istio-system") as KubeObject);
    deletePod(store, pod, null);
    world.sim.runUntil(world.sim.now + 2 * SEC);
    expect(established()).not.toMatch(/^ESTAB/m);
    // The node's rules stay: what is captured goes nowhere, never round the mesh.
    expect(curl("sleep", "10.8.14.226:9080/").status).toBe(28);
  });
});
