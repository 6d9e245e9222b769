import { beforeEach, describe, expect, it } from "vitest";
import { remember } from "../../src/sim/memento.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, watch } from "./kit.ts";
import * as kubectl from "./kubectl-kit.ts";

/** What nodes do with the containers that they are given: probes, and how Services follow. */

let world: World;
beforeEach(() => {
  world = makeWorld("ambient-2022");
});
const said = (script: string): string => kubectl.said(world, script);

const PROBED = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  nodeName: node-b
  containers:
  - name: web
    image: nginx
    ports: [{containerPort: 80, name: http}]
    readinessProbe: {httpGet: {port: http}, periodSeconds: 2}
    livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 10}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, nodePort: 30080}]
`;
const ready = () => said("kubectl get pod web --no-headers").replace(/ +/g, " ").slice(0, 17);
const endpoints = () => said("kubectl get ep web -o jsonpath='{.subsets[*].addresses[*].ip}'");

describe("probes", () => {
  beforeEach(() => {
    kubectl.apply(world, PROBED);
  });

  it("go from the node to the pod, and let it serve", () => {
    const { stories } = watch(world, () => said("kubectl wait pod/web --for=condition=Ready"));
    const probe = stories.find((story) => story.what === "SYN" && story.head.dstPort === 80);
    expect(probe?.head.src).toBe("10.4.3.1");
    expect(endpoints()).toBe("10.4.3.21");
  });

  it("that fail take the pod out of its Service, then start it anew", () => {
    said(
      "kubectl wait pod/web --for=condition=Ready; kubectl exec web -- iptables -A INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset; sleep 8",
    );
    expect([ready(), endpoints()]).toEqual(["web 0/1 Running 0", ""]);
    expect(
      said(
        "kubectl get events --field-selector reason=Unhealthy -o custom-columns=:.message --no-headers",
      ).split("\n"),
    ).toContain(
      'Readiness probe failed: Get "http://10.4.3.21:80/": dial tcp 10.4.3.21:80: connect: connection refused',
    );
    said("kubectl exec web -- iptables -S > /dev/null; sleep 24");
    expect(
      said(
        "kubectl get events --field-selector reason=Killing -o custom-columns=:.message --no-headers",
      ),
    ).toBe("Container web failed liveness probe, will be restarted\n");
    said(
      "kubectl wait pod/web --for=jsonpath='{.status.phase}'=Running; sleep 3; kubectl exec web -- iptables -F INPUT; sleep 4",
    );
    expect([ready(), endpoints()]).toEqual(["web 1/1 Running 1", "10.4.3.21"]);
  });
});

it("objects and what runs of them are put back with their world", () => {
  const act = () => {
    kubectl.apply(world, PROBED);
    return said(
      "kubectl wait pod/web --for=condition=Ready; kubectl get pod,ep -o yaml; kubectl delete pod web --now; kubectl get events",
    );
  };
  const before = remember(world, world.sim.trace.rings);
  const first = act();
  before.restore();
  expect(said("kubectl get pod web")).toContain("not found");
  before.restore();
  expect(act()).toBe(first);
  expect(first).toContain("Stopping container web");
});

it("goes on when the clock stood between two nanoseconds, as it does in the page", () => {
  world.sim.runUntil(world.sim.now + 0.25);
  expect(
    said(
      "kubectl delete pod -l app=details; kubectl get events --field-selector reason=Killing -o name",
    ),
  ).toMatch(/deleted\nevent\/details-v1-76778d6644-6rd4m\.[0-9a-f]{16}\n$/);
});

it("a NodePort leads to the pods from any node, and says no while there are none", () => {
  const outside = PROBED.replace(
    /metadata: \{name: web/g,
    "metadata: {namespace: kube-system, name: web",
  );
  kubectl.apply(world, outside);
  const curl = "curl -s -o /dev/null -w '%{http_code}' --max-time 2 10.168.15.224:30080";
  const wait = "kubectl wait -n kube-system pod/web --for=condition=Ready > /dev/null; sleep 1";
  expect(said(`${wait}; ${curl}`)).toBe("200");
  expect(
    said(`kubectl delete -n kube-system pod web --now > /dev/null; sleep 1; ${curl} || echo $?`),
  ).toBe("0007\n");
});
