import { beforeEach, describe, expect, it } from "vitest";
import { remember } from "../../src/sim/memento.ts";
import { SEC } from "../../src/sim/sim.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";

/** NetworkPolicies, and kube-router, which enforces them with iptables and ipset on each node. */

let world: World;
const at = (node: string, script: string) => runAt(world, node, script);
const out = (script: string): string => at("worker-1", script).stdout;
const seconds = (n: number) => world.sim.runUntil(world.sim.now + n * SEC);
const policy = (name: string, spec: string, namespace = "default"): void => {
  const { status, stderr } = at(
    "worker-1",
    `kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
YAML`,
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  seconds(1);
};
/** curl's exit status, from a pod that is in no mesh: 7 is a refusal, 28 silence. */
const outsider = (url = "details.default:9080/details/0"): number =>
  at("worker-1", `kubectl exec -n outside deploy/outsider -- curl -s -m 5 ${url}`).status;
const captured = (url = "details:9080/details/0") =>
  at("worker-1", `kubectl exec deploy/curl -- curl -s -m 20 ${url}`);
const ztunnels = (...parts: string[]): string[] =>
  out("kubectl logs -n istio-system -l app=ztunnel --tail=-1")
    .split("\n")
    .filter((line) => parts.every((part) => line.includes(part)));
const ON_DETAILS = "podSelector: { matchLabels: { app: details } }";
const DENY = "{ podSelector: {}, policyTypes: [Ingress] }";

beforeEach(() => {
  world = makeWorld("ambient");
});

describe("a NetworkPolicy", () => {
  it("is an object that nobody enforces until somebody does", () => {
    policy("deny", DENY);
    expect(outsider()).toBe(0);
    expect(out("kubectl get netpol")).toMatch(/^NAME +POD-SELECTOR +AGE\ndeny +<none> +\d+s\n$/);
    at("worker-1", "kubectl apply -f kube-router.yaml");
    seconds(3);
    expect(outsider()).toBe(7);
  });

  it("is checked and filled in as the API server does", () => {
    policy(
      "web",
      `{ ${ON_DETAILS}, ingress: [{ ports: [{ port: 80, endPort: 90 }] }], egress: [{}] }`,
    );
    expect(out("kubectl get netpol web -o jsonpath='{.spec.policyTypes}'")).toBe(
      '["Ingress","Egress"]',
    );
    expect(out("kubectl describe netpol web")).toContain(`Spec:
  PodSelector:     app=details
  Allowing ingress traffic:
    To Port Range: 80-90/TCP
    From: <any> (traffic not restricted by source)
  Allowing egress traffic:
    To Port: <any> (traffic allowed to all ports)
    To: <any> (traffic not restricted by destination)
  Policy Types: Ingress, Egress
`);
    const refused = at(
      "worker-1",
      `kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: bad }
spec:
  ingress:
  - ports: [{ port: Foo_, protocol: ICMP }]
    from: [{ ipBlock: { cidr: 10.0.0.0/8, except: [11.0.0.0/9] }, podSelector: {} }]
YAML`,
    ).stderr;
    expect(refused).toContain(
      'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    );
    expect(refused).toContain("from[0]: Forbidden: may not specify both ipBlock and another peer");
    expect(refused).toContain('"11.0.0.0/9": must be a strict subset of `cidr`');
  });
});

describe("kube-router as the network policy controller", () => {
  beforeEach(() => {
    at("worker-1", "kubectl apply -f kube-router.yaml");
    seconds(3);
  });

  it("gives each pod of the node a chain, and changes nothing while there is no policy", () => {
    const pods = out("kubectl get pods -A -o wide --no-headers | awk '$7 ~ /^10.244.1./' | wc -l");
    expect(out("iptables -S | grep -c '^-N KUBE-POD-FW-'")).toBe(pods);
    expect(out("iptables -S FORWARD | sed -n 2p")).toMatch(
      /^-A FORWARD -m comment --comment "kube-router netpol - [A-Z2-7]{16}" -j KUBE-ROUTER-FORWARD\n$/,
    );
    expect(out("ipset list -n | grep -c KUBE")).toBe("0\n");
    expect(outsider()).toBe(0);
    expect(captured().status).toBe(0);
  });

  it("refuses what no policy allows: the sender hears of a closed port", () => {
    policy("deny", `{ ${ON_DETAILS} }`);
    expect(outsider()).toBe(7);
    // Other pods of the namespace are not meant.
    expect(outsider("productpage.default:9080/")).toBe(0);
    const chain = at(
      "worker-2",
      "iptables -S | sed -n 's/^-A \\(KUBE-POD-FW-[A-Z2-7]*\\).*run through nw policy deny.*/\\1/p'",
    ).stdout.trim();
    expect(chain).not.toBe("");
    expect(at("worker-2", `iptables -S ${chain} | awk '{print $NF}'`).stdout.split("\n")).toEqual([
      chain,
      "KUBE-NWPLCY-COMMON",
      "ACCEPT",
      "KUBE-NWPLCY-DEFAULT",
      expect.stringMatching(/^KUBE-NWPLCY-[A-Z2-7]{16}$/),
      "100",
      "icmp-port-unreachable",
      "0x0/0x10000",
      "0x20000/0x20000",
      "",
    ]);
    expect(
      at("worker-2", `iptables -L ${chain} -vnx | awk '$3 == "REJECT" {print $1}'`).stdout,
    ).toBe("1\n");
    at("worker-1", "kubectl delete netpol deny");
    seconds(1);
    expect(outsider()).toBe(0);
    expect(at("worker-2", "ipset list -n | grep -c KUBE").stdout).toBe("0\n");
  });

  it("lets the node's own probes through, whatever policies say", () => {
    at(
      "worker-1",
      `kubectl patch deploy details-v1 -p '{"spec":{"template":{"spec":{"containers":[{"name":"details","readinessProbe":{"httpGet":{"path":"/","port":9080},"periodSeconds":1,"failureThreshold":1}}]}}}}'`,
    );
    policy("deny", DENY);
    seconds(10);
    expect(out("kubectl get pods -l app=details --no-headers | awk '{print $2, $3, $4}'")).toBe(
      "1/1 Running 0\n",
    );
  });

  it("knows pods and namespaces by their labels, and follows their changes", () => {
    policy(
      "from-web",
      `{ ${ON_DETAILS}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: web } }, podSelector: { matchLabels: { app: outsider } } }] }] }`,
    );
    expect(outsider()).toBe(7);
    at("worker-1", "kubectl label ns outside team=web");
    seconds(1);
    expect(outsider()).toBe(0);
    at("worker-1", "kubectl label pod -n outside -l app=outsider app=other --overwrite");
    seconds(1);
    expect(at("outsider-7c8b9d6f5c-r9vtl", "curl -s -m 5 details.default:9080/").status).toBe(7);
    // A selector of pods alone means those of the policy's own namespace.
    policy(
      "from-web",
      `{ ${ON_DETAILS}, ingress: [{ from: [{ podSelector: { matchLabels: { app: other } } }] }] }`,
    );
    expect(at("outsider-7c8b9d6f5c-r9vtl", "curl -s -m 5 details.default:9080/").status).toBe(7);
  });

  it("knows blocks of addresses, and their exceptions", () => {
    const block = (except: string) =>
      `{ ${ON_DETAILS}, ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0, except: [${except}] } }] }] }`;
    policy("block", block("10.244.1.20/32"));
    expect(outsider()).toBe(7);
    expect(
      at("worker-2", "ipset save | sed -n 's/^add KUBE-SRC-[A-Z2-7]* //p' | sort").stdout,
    ).toBe("0.0.0.0/1 timeout 0\n10.244.1.20 timeout 0 nomatch\n128.0.0.0/1 timeout 0\n");
    policy("block", block("10.244.1.21/32"));
    expect(outsider()).toBe(0);
  });

  it("knows ports by number, range and name", () => {
    const ports = (text: string) => `{ ${ON_DETAILS}, ingress: [{ ports: [${text}] }] }`;
    policy("ports", ports("{ port: 9081 }"));
    expect(outsider()).toBe(7);
    policy("ports", ports("{ port: 9000, endPort: 9079 }"));
    expect(outsider()).toBe(7);
    policy("ports", ports("{ port: 9000, endPort: 9080 }"));
    expect(outsider()).toBe(0);
    expect(at("worker-2", "iptables -S | grep -c 'dport 9000:9080'").stdout).toBe("2\n");
    at(
      "worker-1",
      `kubectl patch deploy details-v1 -p '{"spec":{"template":{"spec":{"containers":[{"name":"details","ports":[{"containerPort":9080,"name":"web"}]}]}}}}'`,
    );
    seconds(40);
    policy("ports", ports("{ port: other }"));
    expect(outsider()).toBe(7);
    policy("ports", ports("{ port: web }"));
    expect(outsider()).toBe(0);
  });

  it("says where pods may go: names first, or nothing is found", () => {
    const dns = `{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }], ports: [{ port: 53, protocol: UDP }] }`;
    const egress = (rules: string) =>
      `{ podSelector: {}, policyTypes: [Egress], egress: [${rules}] }`;
    policy("egress", egress(""), "outside");
    expect(outsider()).toBe(6);
    policy("egress", egress(dns), "outside");
    expect(outsider()).toBe(7);
    policy(
      "egress",
      egress(`${dns}, { to: [{ ipBlock: { cidr: 10.244.2.0/24 } }], ports: [{ port: 9080 }] }`),
      "outside",
    );
    expect(outsider()).toBe(0);
    expect(outsider("ratings.default:9080/")).toBe(7);
  });

  it("blocks the tunnel when only the application's port is allowed, and recovers with 15008", () => {
    const only = (ports: string) => `{ ${ON_DETAILS}, ingress: [{ ports: [${ports}] }] }`;
    policy("app", only("{ port: 9080 }"));
    // Who is in no mesh comes to the application's own port.
    expect(outsider()).toBe(0);
    expect(captured()).toMatchObject({ status: 56, stdout: "" });
    expect(
      ztunnels(
        'direction="outbound"',
        "dst.addr=10.244.2.11:15008",
        'error="io error: Connection refused (os error 111)"',
      ),
    ).toHaveLength(1);
    expect(ztunnels('direction="inbound"', "sa/curl")).toHaveLength(0);
    policy("app", only("{ port: 9080 }, { port: 15008 }"));
    expect(captured()).toMatchObject({ status: 0, stdout: expect.stringContaining("Shakespeare") });
    expect(ztunnels('direction="inbound"', "sa/curl")).toHaveLength(1);
  });

  it("syncs again every five minutes, and puts back what somebody took", () => {
    policy("deny", `{ ${ON_DETAILS} }`);
    const before = at("worker-2", "iptables -S | grep -o 'KUBE-POD-FW-[A-Z2-7]*' | sort -u").stdout;
    at("worker-2", "iptables -D FORWARD 1");
    expect(outsider()).toBe(0);
    seconds(301);
    expect(outsider()).toBe(7);
    const after = at("worker-2", "iptables -S | grep -o 'KUBE-POD-FW-[A-Z2-7]*' | sort -u").stdout;
    expect(after.split("\n")).toHaveLength(before.split("\n").length);
    expect(after).not.toBe(before);
  });

  it("leaves its rules when it goes, and can be remembered", () => {
    policy("deny", `{ ${ON_DETAILS} }`);
    const before = remember(world);
    at("worker-1", "kubectl delete ds -n kube-system kube-router");
    seconds(5);
    at("worker-1", "kubectl delete netpol deny");
    seconds(2);
    expect(outsider()).toBe(7);
    before.restore();
    at("worker-1", "kubectl delete netpol deny");
    seconds(2);
    expect(outsider()).toBe(0);
  });
});
