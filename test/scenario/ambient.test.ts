import { beforeEach, describe, expect, it } from "vitest";
import { remember } from "../../src/sim/memento.ts";
import { SEC } from "../../src/sim/sim.ts";
import { u16 } from "../../src/wire/bytes.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, readPcapng, runAt, watch } from "./kit.ts";

/** Ambient mode of today, whole: pods captured from within, ztunnels that istiod tells what to do. */

let world: World;
beforeEach(() => {
  world = makeWorld("ambient");
});

const node = (script: string) => runAt(world, "worker-1", script);
const out = (script: string): string => node(script).stdout;
const seconds = (n: number) => world.sim.runUntil(world.sim.now + n * SEC);
/** Lines of every ztunnel's log that have all of these. */
const logged = (...parts: string[]): string[] =>
  out("kubectl logs -n istio-system -l app=ztunnel --tail=-1")
    .split("\n")
    .filter((line) => parts.every((part) => line.includes(part)));
const ztunnel = (on: string): string =>
  out(
    `kubectl get pods -n istio-system -l app=ztunnel --field-selector spec.nodeName=${on} -o name`,
  )
    .trim()
    .replace("pod/", "");
const policy = (name: string, spec: string): string => `kubectl apply -f - <<'YAML'
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: default }
spec: ${spec}
YAML`;
const STRICT = `kubectl apply -f - <<'YAML'
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: strict, namespace: default }
spec: { mtls: { mode: STRICT } }
YAML`;
const fromCurl = "kubectl exec deploy/curl -- curl -s -m 20";
const fromOutside = "kubectl exec -n outside deploy/outsider -- curl -s -m 20";

/** Source and destination of a TCP segment in an Ethernet frame, else nothing. */
function tcpPorts(frame: Uint8Array): number[] {
  if (u16(frame, 12) !== 0x0800 || frame[23] !== 6) return [];
  const at = 14 + ((frame[14] ?? 0) & 15) * 4;
  return [u16(frame, at), u16(frame, at + 2)];
}

describe("ambient mode of today", () => {
  it("is up: ztunnels know the mesh and hold their node's certificates", () => {
    expect(out("kubectl get pods -A --no-headers | awk '{print $3}' | sort -u")).toBe("1/1\n");
    expect(out("istioctl ztunnel-config workloads | awk '{print $2, $6}' | sort")).toContain(
      "curl-6b7f8d9c5d-mq4xz HBONE\n",
    );
    expect(out("istioctl zc service | awk '$2 == \"productpage\"'")).toMatch(
      /^default +productpage +10\.96\.114\.226 +None +1\/1\n$/,
    );
    const held = out("istioctl zc certificates --node worker-1 | awk '/Leaf/ {print $1, $3, $4}'");
    expect(held.trim().split("\n").sort()).toEqual([
      "spiffe://cluster.local/ns/default/sa/bookinfo-ratings Available true",
      "spiffe://cluster.local/ns/default/sa/curl Available true",
    ]);
  });

  it("leaves the node alone but for a rule and a set, and has its rules in the pod", () => {
    const host = out("iptables-save | grep -E 'ISTIO_|istio-inpod'");
    expect(host.trim().split("\n")).toEqual([
      ":ISTIO_POSTRT - [0:0]",
      "-A POSTROUTING -j ISTIO_POSTRT",
      "-A ISTIO_POSTRT -p tcp -m owner --socket-exists -m set --match-set istio-inpod-probes-v4 dst -j SNAT --to-source 169.254.7.127",
    ]);
    expect(out("ipset list istio-inpod-probes-v4 | grep -c comment")).toBe("3\n");
    const inside = runAt(world, "curl", "iptables-save -t nat; ss -ltn").stdout;
    expect(inside).toContain("--to-ports 15001");
    expect(inside).toContain("0.0.0.0:15008");
  });

  it("carries a request from pod to pod in a tunnel between the pods themselves", () => {
    const { result, files } = watch(world, () =>
      runAt(world, "curl", "curl -s productpage:9080/ | head -3"),
    );
    expect(result.stdout).toContain("Simple Bookstore App");
    // Each node sees nothing but the tunnel: no port of an application.
    for (const name of ["worker-1", "worker-2"]) {
      const file = files.find((one) => one.name.startsWith(name));
      const ports = readPcapng(file?.data ?? new Uint8Array()).map(({ data }) => tcpPorts(data));
      expect(ports.flat()).toContain(15008);
      expect(ports.flat()).not.toContain(9080);
    }
    expect(
      logged("access", 'direction="outbound"', "dst.hbone_addr=10.244.2.10:9080"),
    ).toHaveLength(1);
    expect(logged("access", 'direction="inbound"', "sa/curl")).toHaveLength(1);
  });

  it("takes plaintext of others, until that is forbidden", () => {
    expect(node(`${fromOutside} productpage.default:9080/ | head -3`).stdout).toContain(
      "Bookstore",
    );
    expect(logged("access", 'src.namespace="outside"', "dst.addr=10.244.2.10:9080")).toHaveLength(
      1,
    );
    node(STRICT);
    seconds(1);
    expect(out("istioctl zc policy")).toMatch(/istio_converted_static_strict +Deny/);
    const refused = node(`${fromOutside} productpage.default:9080/`);
    expect(refused).toMatchObject({ stdout: "", status: 56 });
    expect(
      logged("error", "explicitly denied by: istio-system/istio_converted_static_strict"),
    ).toHaveLength(1);
    expect(node(`${fromCurl} productpage:9080/`).stdout).toContain("Bookstore");
  });

  it("takes others into the mesh when their namespace says so", () => {
    node("kubectl label ns outside istio.io/dataplane-mode=ambient");
    node(STRICT);
    seconds(1);
    expect(out("istioctl zc workload | awk '/outsider/ {print $6}'")).toBe("HBONE\n");
    expect(node(`${fromOutside} productpage.default:9080/`).stdout).toContain("Bookstore");
    node("kubectl label ns outside istio.io/dataplane-mode-");
    seconds(1);
    expect(runAt(world, "outsider", "iptables-save | grep -c ISTIO").stdout).toBe("0\n");
    expect(node(`${fromOutside} productpage.default:9080/`).status).toBe(56);
  });

  it("lets in whom a policy names, and nobody else", () => {
    node(
      policy(
        "only-curl",
        '{ selector: { matchLabels: { app: productpage } }, rules: [{ from: [{ source: { principals: ["cluster.local/ns/default/sa/curl"] } }] }] }',
      ),
    );
    seconds(1);
    expect(node(`${fromCurl} productpage:9080/`).status).toBe(0);
    expect(node("kubectl exec deploy/ratings-v1 -- curl -s productpage:9080/").status).toBe(56);
    expect(
      logged("error", 'direction="outbound"', 'error="http status: 401 Unauthorized"'),
    ).toHaveLength(1);
    expect(
      logged(
        "error",
        'direction="inbound"',
        "policy rejection: allow policies exist, but none allowed",
      ),
    ).toHaveLength(1);
    node("kubectl delete authorizationpolicy only-curl");
    seconds(1);
    expect(node("kubectl exec deploy/ratings-v1 -- curl -s productpage:9080/").status).toBe(0);
  });

  it("cuts what is open when a policy no longer allows it", () => {
    const open =
      "kubectl exec deploy/curl -- sh -c '{ printf \"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\"; sleep 8; } | nc productpage 9080 >/dev/null; date +%s'";
    const deny = policy(
      "nobody",
      "{ action: DENY, rules: [{ from: [{ source: { principals: ['*'] } }] }] }",
    );
    const { stdout } = node(`date +%s\n${open} &\nsleep 2\n${deny}\nwait`);
    const times = stdout.match(/^\d+$/gm)?.map(Number) ?? [];
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeLessThan(9);
    expect(logged("error", "connection closed due to policy change").length).toBeGreaterThan(0);
  });

  it("carries what the server says first", () => {
    const { stdout } = node(`
kubectl exec deploy/productpage-v1 -- sh -c '{ echo 220 ready; sleep 1; } | nc -l -p 2525 > /tmp/got' &
sleep 0.2
kubectl exec deploy/curl -- sh -c '{ sleep 0.5; echo QUIT; } | nc -w 3 10.244.2.10 2525'
kubectl exec deploy/productpage-v1 -- cat /tmp/got`);
    expect(stdout).toBe("220 ready\nQUIT\n");
    expect(
      logged("access", 'direction="outbound"', "dst.hbone_addr=10.244.2.10:2525"),
    ).toHaveLength(1);
  });

  it("a ztunnel that is gone takes its pods' network along until the next one is there", () => {
    const old = ztunnel("worker-1");
    node(`kubectl delete pod -n istio-system ${old} --wait=false`);
    seconds(30);
    expect(ztunnel("worker-1")).not.toBe(old);
    expect(node(`${fromCurl} productpage:9080/`).stdout).toContain("Bookstore");
  });

  it("says that a port is blocked, and goes on when it no longer is", () => {
    node("iptables -I FORWARD -p tcp --dport 15008 -j DROP");
    expect(node(`${fromCurl} reviews:9080/`).status).toBe(56);
    expect(
      logged(
        "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed",
      ),
    ).toHaveLength(1);
    node("iptables -D FORWARD 1");
    expect(node(`${fromCurl} reviews:9080/`).status).toBe(0);
  });

  it("goes on without istiod with what it has; who is new waits", () => {
    node("kubectl scale -n istio-system deploy/istiod --replicas=0\nkubectl create sa late");
    seconds(2);
    expect(node(`${fromCurl} productpage:9080/`).status).toBe(0);
    node(`kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: late, namespace: default }
spec:
  serviceAccountName: late
  containers: [{ name: curl, image: curlimages/curl, command: [sleep, infinity] }]
YAML`);
    seconds(5);
    const request = "kubectl exec late -- curl -s -m 20 productpage:9080/";
    expect(node(request).status).toBe(56);
    expect(logged("failed to fetch information about local workload")).toHaveLength(1);
    expect(
      logged("warn", "xds::client", "Connection refused (os error 111)").length,
    ).toBeGreaterThan(3);
    node("kubectl scale -n istio-system deploy/istiod --replicas=1");
    seconds(30);
    expect(node(request).status).toBe(0);
  });

  it("lets no pod of the mesh start where its agent is missing", () => {
    const select = (selector: string) =>
      node(
        `kubectl patch ds -n istio-system istio-cni-node --type merge -p '{"spec":{"template":{"spec":{"nodeSelector":${selector}}}}}'`,
      );
    select('{"nosuch":"node"}');
    seconds(5);
    node("kubectl run new --image=curlimages/curl --command -- sleep infinity");
    node("kubectl run plain -n outside --image=curlimages/curl --command -- sleep infinity");
    seconds(3);
    expect(out("kubectl get pod new --no-headers")).toContain("ContainerCreating");
    expect(out("kubectl describe pod new")).toContain(
      "istio-cni cmdAdd failed to contact node Istio CNI agent",
    );
    expect(out("kubectl get pod plain -n outside --no-headers")).toContain("Running");
    select("null");
    seconds(20);
    expect(out("kubectl get pod new --no-headers")).toContain("Running");
    expect(node("kubectl exec new -- curl -s productpage:9080/").status).toBe(0);
  });

  it("is remembered and goes on the same way", () => {
    const memento = remember(world);
    const first = node(`${fromCurl} -i productpage:9080/`);
    const events = world.sim.steps;
    memento.restore();
    expect(node(`${fromCurl} -i productpage:9080/`)).toEqual(first);
    expect(world.sim.steps).toBe(events);
  });
});
