import { beforeEach, describe, expect, it } from "vitest";
import { Conversations } from "../../src/dissect/conversation.ts";
import { remember } from "../../src/sim/memento.ts";
import { SEC } from "../../src/sim/sim.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, readPcapng, runAt, watch } from "./kit.ts";

/** SPIRE as the issuer of workloads' certificates, behind the same interface as istiod. */

let world: World;
const out = (script: string): string => runAt(world, "worker-1", script).stdout;
const seconds = (n: number) => world.sim.runUntil(world.sim.now + n * SEC);
const fromCurl = (url = "details:9080/details/0") =>
  runAt(world, "worker-1", `kubectl exec deploy/curl -- curl -s -m 30 ${url}`);
const ztunnels = (...parts: string[]): string[] =>
  out("kubectl logs -n istio-system -l app=ztunnel --tail=-1")
    .split("\n")
    .filter((line) => parts.every((part) => line.includes(part)));
const logOf = (target: string, ...parts: string[]): string[] =>
  out(`kubectl logs -n spire ${target} --tail=-1`)
    .split("\n")
    .filter((line) => parts.every((part) => line.includes(part)));
/** Identity, state and serial number of the leaves that a node's ztunnel holds. */
const leaves = (node: string): string[] =>
  out(`istioctl zc certificates --node ${node} | awk '$2 == "Leaf" {print $1, $3, $5}'`)
    .trim()
    .split("\n")
    .filter(Boolean);
const held = (node: string, question: string): string =>
  out(
    `istioctl zc certificates --node ${node} -o json | sed -n 's/.*"pem": "\\([^"]*\\)".*/\\1/p' | head -1 | base64 -d | openssl x509 -noout ${question}`,
  );
const id = (account: string): string => `spiffe://cluster.local/ns/default/sa/${account}`;

function install(...files: string[]): void {
  for (const file of files) {
    const { status, stderr } = runAt(world, "worker-1", `kubectl apply -f ${file}`);
    expect(stderr).toBe("");
    expect(status).toBe(0);
  }
  seconds(15);
}

/** The ztunnel that knows of SPIRE takes the place of Istio's. */
function switchOver(image = "quay.io/cilium/ztunnel:v1.0.0"): void {
  runAt(
    world,
    "worker-1",
    `sed -i 's#image: .*#image: ${image}#' ztunnel-spire.yaml
kubectl patch daemonset -n istio-system ztunnel --patch-file ztunnel-spire.yaml`,
  );
  seconds(70);
}

beforeEach(() => {
  world = makeWorld("ambient");
});

describe("SPIRE", () => {
  it("attests its agents by their pods' tokens, and registers the pods of the mesh", () => {
    install("spire.yaml", "spire-ids.yaml");
    expect(out("kubectl get pods -n spire --no-headers | awk '{print $2, $3}' | sort")).toBe(
      "1/1 Running\n1/1 Running\n2/2 Running\n",
    );
    const uid = out("kubectl get node worker-2 -o jsonpath='{.metadata.uid}'");
    const agent = `spiffe://cluster.local/spire/agent/k8s_psat/demo-cluster/${uid}`;
    expect(
      logOf(
        "deploy/spire-server -c spire-server",
        'msg="Agent attestation request completed"',
        `agent_id="${agent}"`,
      ),
    ).toHaveLength(1);
    expect(
      logOf("-l app=spire-agent", 'msg="Node attestation was successful"', `spiffe_id="${agent}"`),
    ).toHaveLength(1);
    const created = logOf(
      "deploy/spire-server -c spire-controller-manager",
      "Created entry",
      id("bookinfo-details"),
    );
    expect(created).toHaveLength(1);
    const details = out("kubectl get pods -l app=details -o jsonpath='{.items[0].metadata.uid}'");
    expect(created[0]).toContain(`"parentID":"${agent}"`);
    expect(created[0]).toContain(`"selectors":"k8s:pod-uid:${details}"`);
    expect(
      out("kubectl get clusterspiffeid ambient -o jsonpath='{.status.stats.entriesToSet}'"),
    ).toBe("5");
  });

  it("believes no agent that runs with another account", () => {
    runAt(
      world,
      "worker-1",
      "sed -i 's/serviceAccountName: spire-agent/serviceAccountName: default/' spire.yaml",
    );
    install("spire.yaml", "spire-ids.yaml");
    expect(
      logOf(
        "deploy/spire-server -c spire-server",
        'error="nodeattestor(k8s_psat): \\"spire:default\\" is not an allowed service account"',
      ).length,
    ).toBeGreaterThan(0);
    expect(
      logOf("-l app=spire-agent", "Agent crashed", "code = PermissionDenied").length,
    ).toBeGreaterThan(0);
    expect(logOf("-l app=spire-agent", "Node attestation was successful")).toHaveLength(0);
  });
});

describe("ztunnel with SPIRE", () => {
  it("holds SPIRE's certificates, each when it is needed first, and two nodes trust each other", () => {
    install("spire.yaml", "spire-ids.yaml");
    switchOver();
    expect(leaves("worker-1")).toEqual([]);
    expect(fromCurl().stdout).toContain("Shakespeare");
    expect(leaves("worker-1")).toEqual([expect.stringContaining(`${id("curl")} Available`)]);
    expect(leaves("worker-2")).toEqual([
      expect.stringContaining(`${id("bookinfo-details")} Available`),
    ]);
    expect(ztunnels('direction="inbound"', `src.identity="${id("curl")}"`)).toHaveLength(1);
    expect(held("worker-1", "-subject -issuer")).toMatch(
      /^subject=C = US, O = SPIRE\nissuer=C = US, O = SPIFFE, serialNumber = \d+\n$/,
    );
    expect(held("worker-1", "-ext subjectAltName,keyUsage,extendedKeyUsage")).toBe(
      `X509v3 Key Usage: critical
    Digital Signature, Key Encipherment, Key Agreement
X509v3 Extended Key Usage: 
    TLS Web Server Authentication, TLS Web Client Authentication
X509v3 Subject Alternative Name: 
    URI:${id("curl")}
`,
    );
  });

  it("shows the certificates of both ends on the wire, to who has the keys", () => {
    install("spire.yaml", "spire-ids.yaml");
    switchOver();
    const { result, files } = watch(world, () => fromCurl());
    expect(result.status).toBe(0);
    const capture = files.find((file) => file.name.startsWith("worker-1"));
    const reader = new Conversations();
    reader.keyLog.update(world.keyLog);
    const decrypted = readPcapng(capture?.data ?? new Uint8Array())
      .filter(({ device }) => device === "eth0")
      .flatMap(({ data }) => reader.push(data).sources.slice(1))
      .map(({ bytes }) => String.fromCharCode(...bytes));
    for (const account of ["curl", "bookinfo-details"])
      expect(
        decrypted.filter(
          (text) => text.includes("SPIRE") && text.includes("SPIFFE") && text.includes(id(account)),
        ),
      ).toHaveLength(1);
  });

  it("renews them at half of their life, and outlives the authority that signed the first", () => {
    runAt(world, "worker-1", "sed -i 's/trust_domain = .*/&\\n      ca_ttl = \"2h\"/' spire.yaml");
    install("spire.yaml", "spire-ids.yaml");
    switchOver();
    fromCurl();
    const first = leaves("worker-1");
    const root = out("istioctl zc certificates --node worker-1 | awk '$2 == \"Root\" {print $5}'");
    seconds(25 * 60);
    expect(leaves("worker-1")).toEqual(first);
    seconds(10 * 60);
    expect(leaves("worker-1")).not.toEqual(first);
    expect(logOf("-l app=spire-agent", "Renewing X509-SVID", id("curl")).length).toBe(1);
    expect(fromCurl().status).toBe(0);
    seconds(100 * 60);
    expect(fromCurl().stdout).toContain("Shakespeare");
    const roots = out("istioctl zc certificates --node worker-1 | awk '$2 == \"Root\" {print $5}'");
    expect(roots).not.toContain(root.trim());
    expect(logOf("deploy/spire-server -c spire-server", 'msg="X509 CA activated"').length).toBe(2);
  }, 60_000);

  it("has no certificate for who is not registered, and says so", () => {
    runAt(
      world,
      "worker-1",
      "sed -i 's/namespaceSelector: { matchLabels: { istio.io.*/&\\n  podSelector: { matchLabels: { app: curl } }/' spire-ids.yaml",
    );
    install("spire.yaml", "spire-ids.yaml");
    switchOver();
    expect(fromCurl()).toMatchObject({ status: 56, stdout: "" });
    const why =
      /certificate fetch failed \(failed to fetch certificate for workload: Failed to fetch certificate for PID \d+: failed to fetch certificate for workload: Timeout while waiting for SVID stream\) and no valid existing certificate; will retry in /;
    const [line = ""] = ztunnels("certificate fetch failed");
    expect(line).toMatch(why);
    expect(line).toContain(`id=${id("bookinfo-details")}`);
    expect(
      ztunnels("Error receiving SVID response: received an empty response from the GRPC client")
        .length,
    ).toBeGreaterThan(0);
    expect(out("istioctl zc certificates --node worker-2")).toContain("Unavailable");
    // Who asks on both sides is registered from now on: agents hear of it within 5 s.
    runAt(
      world,
      "worker-1",
      "sed -i '/app: curl/d' spire-ids.yaml; kubectl apply -f spire-ids.yaml",
    );
    seconds(180);
    expect(fromCurl().stdout).toContain("Shakespeare");
  });

  it("gets nothing when it is not registered itself", () => {
    install("spire.yaml", "spire-ids.yaml");
    runAt(world, "worker-1", "kubectl delete clusterspiffeid ztunnel");
    switchOver();
    expect(fromCurl()).toMatchObject({ status: 56, stdout: "" });
    expect(logOf("-l app=spire-agent", 'msg="no identity issued"').length).toBeGreaterThan(0);
    expect(
      ztunnels("Failed to stream X.509 SVIDs: error response from the GRPC client").length,
    ).toBeGreaterThan(0);
  });

  it("asks istiod when it is Istio's own, whatever the environment says", () => {
    install("spire.yaml", "spire-ids.yaml");
    switchOver("docker.io/istio/ztunnel:1.30.3-distroless");
    expect(fromCurl().status).toBe(0);
    expect(held("worker-1", "-issuer")).toBe("issuer=O = cluster.local\n");
  });

  it("goes on with what it has when SPIRE is gone, and can be remembered", () => {
    install("spire.yaml", "spire-ids.yaml");
    switchOver();
    fromCurl();
    const before = remember(world);
    runAt(world, "worker-1", "kubectl delete ds -n spire spire-agent");
    seconds(10);
    expect(fromCurl().status).toBe(0);
    expect(fromCurl("productpage:9080/").status).toBe(56);
    before.restore();
    expect(fromCurl("productpage:9080/").status).toBe(0);
  });
});
