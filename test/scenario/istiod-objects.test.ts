import { beforeEach, describe, expect, it } from "vitest";
import { ISTIOD_HOST, SECURE_PORT } from "../../src/mesh/istiod/istiod.ts";
import { ADDRESS, AUTHORIZATION } from "../../src/mesh/istiod/messages.ts";
import type { Address, Authorization } from "../../src/mesh/istiod/workload-messages.ts";
import { XdsClient, type XdsOwner } from "../../src/mesh/xds/client.ts";
import { SEC } from "../../src/sim/sim.ts";
import { SignatureCache } from "../../src/tls/x509/verify.ts";
import { daemon } from "../../src/world/daemon.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";

/** What istiod reads of the cluster's objects besides pods and Services, and what it writes. */

let world: World;
beforeEach(() => {
  world = makeWorld("ambient-2022");
});
const seconds = (n: number) => world.sim.runUntil(world.sim.now + n * SEC);
const kubectl = (args: string) => {
  const { stdout, stderr } = runAt(world, "node-a", `kubectl ${args}`);
  return stdout + stderr;
};

describe("the root's certificate", () => {
  const names = () =>
    kubectl("get cm -A -l istio.io/config=true --no-headers")
      .split("\n")
      .map((line) => line.split(/ +/).slice(0, 3).join(" "))
      .filter(Boolean);

  it("is in every namespace but Kubernetes' own, as it is in the pods that read it", () => {
    expect(names()).toEqual(["default istio-ca-root-cert 1", "istio-system istio-ca-root-cert 1"]);
    const held = kubectl("get cm istio-ca-root-cert -o jsonpath='{.data.root-cert\\.pem}'");
    const mounted = runAt(world, "ztunnel-rts54", "cat /var/run/secrets/istio/root-cert.pem");
    expect(held).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect(mounted.stdout).toBe(held);
  });

  it("comes into a new one, and comes back", () => {
    kubectl("create namespace shop");
    kubectl("delete cm istio-ca-root-cert");
    kubectl(`-n istio-system patch cm istio-ca-root-cert -p '{"data":{"root-cert.pem":"mine"}}'`);
    seconds(1);
    expect(names()).toHaveLength(3);
    expect(names()).toContain("shop istio-ca-root-cert 1");
    expect(kubectl("-n istio-system get cm istio-ca-root-cert -o yaml")).not.toContain("mine");
    kubectl("delete namespace shop");
    seconds(5);
    expect(kubectl("get namespace shop")).toContain('namespaces "shop" not found');
  });
});

class Heard implements XdsOwner {
  policies = new Map<string, Authorization>();
  addresses = new Map<string, Address>();
  added(_type: string, name: string, message: object): string | null {
    if ("rules" in message) this.policies.set(name, message as Authorization);
    else this.addresses.set(name, message as Address);
    return null;
  }
  removed(_type: string, name: string): void {
    this.policies.delete(name);
  }
  synced(): void {}
  xdsLog(): void {}
}

describe("policies", () => {
  let heard: Heard;
  beforeEach(() => {
    const machine = world.machine("ztunnel-z4qmh");
    if (!machine) throw new Error("no machine");
    heard = new Heard();
    new XdsClient(
      {
        process: daemon(machine, ["/usr/local/bin/ztunnel", "proxy", "ztunnel"]),
        host: ISTIOD_HOST,
        port: SECURE_PORT,
        keyLog: world.keyLog,
        signatures: new SignatureCache(),
        userAgent: "ztunnel",
        messages: [ADDRESS, AUTHORIZATION],
        node: {
          id: "ztunnel~10.4.3.14~ztunnel-z4qmh.istio-system~istio-system.svc.cluster.local",
          metadata: { NAMESPACE: "istio-system", NODE_NAME: "node-b", NAME: "ztunnel-z4qmh" },
        },
      },
      heard,
    ).start();
    seconds(1);
  });
  const apply = (yaml: string) => {
    const said = kubectl(`apply -f - <<'EOF'\n${yaml}\nEOF`);
    seconds(1);
    return said;
  };
  const POLICY = `
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: { name: only-sleep }
spec:
  selector: { matchLabels: { app: productpage } }
  action: ALLOW
  rules:
  - from:
    - source: { principals: [cluster.local/ns/default/sa/sleep] }
    to:
    - operation: { ports: ["9080"] }`;
  const SLEEP = { case: "exact", value: "cluster.local/ns/default/sa/sleep" };
  const PRODUCTPAGE = "Kubernetes//Pod/default/productpage-v1-5586c4d4ff-qxz9f";
  const policiesOf = (name: string) => {
    const found = heard.addresses.get(name)?.type;
    return found?.case === "workload" ? found.value.authorizationPolicies : null;
  };

  it("are told to the ztunnels, and to whom they are for", () => {
    expect(heard.policies.size).toBe(0);
    expect(apply(POLICY)).toBe("authorizationpolicy.security.istio.io/only-sleep created\n");
    expect([...heard.policies.keys()]).toEqual(["default/only-sleep"]);
    expect(heard.policies.get("default/only-sleep")).toMatchObject({
      name: "only-sleep",
      namespace: "default",
      scope: 2,
      action: 0,
      rules: [
        {
          clauses: [
            { matches: [{ destinationPorts: [9080] }] },
            { matches: [{ principals: [{ matchType: SLEEP }] }] },
          ],
        },
      ],
    });
    expect(policiesOf(PRODUCTPAGE)).toEqual(["default/only-sleep"]);
    kubectl("delete authorizationpolicy only-sleep");
    seconds(1);
    expect(heard.policies.size).toBe(0);
    expect(policiesOf(PRODUCTPAGE)).toEqual([]);
  });

  it("what no ztunnel can enforce is said in the policy's status, by today's istiod", () => {
    const status = () =>
      kubectl("get authorizationpolicy only-sleep -o jsonpath='{.status.conditions[0].reason}'");
    apply(POLICY);
    expect(status()).toBe("");
    kubectl("delete authorizationpolicy only-sleep");
    const { controlPlane } = world;
    if (controlPlane) controlPlane.discovery.statuses = true;
    apply(POLICY.replace("ports:", "paths: [/admin], ports:"));
    const shown = kubectl(
      "get authorizationpolicy only-sleep -o jsonpath='{.status.conditions[0].reason} {.status.conditions[0].message}'",
    );
    expect(shown).toMatch(/^UnsupportedValue ztunnel does not support HTTP attributes/);
  });

  it("a mesh that is strict has a policy of its own", () => {
    apply(`
apiVersion: security.istio.io/v1beta1
kind: PeerAuthentication
metadata: { name: default, namespace: istio-system }
spec: { mtls: { mode: STRICT } }`);
    expect([...heard.policies.keys()]).toEqual(["istio-system/istio_converted_static_strict"]);
    expect(policiesOf(PRODUCTPAGE)).toEqual(["istio-system/istio_converted_static_strict"]);
    expect(kubectl("get peerauthentication -A")).toMatch(
      /^NAMESPACE +NAME +MODE +AGE\nistio-system +default +STRICT +\d+/,
    );
  });
});
