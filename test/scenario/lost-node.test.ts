import { beforeEach, describe, expect, it } from "vitest";
import { SEC } from "../../src/sim/sim.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";

/** A node whose link goes down: who notices, when, and how it all comes back. */

let world: World;
const out = (script: string): string => runAt(world, "worker-1", script).stdout;
const seconds = (n: number) => world.sim.runUntil(world.sim.now + n * SEC);
const fromCurl = () =>
  runAt(world, "worker-1", "kubectl exec deploy/curl -- curl -s -m 30 details:9080/details/0");
const log = (node: string, ...parts: string[]): string[] =>
  out(
    `kubectl logs -n istio-system $(kubectl get pods -n istio-system -l app=ztunnel --field-selector spec.nodeName=${node} -o name) --tail=-1`,
  )
    .split("\n")
    .filter((line) => parts.every((part) => line.includes(part)));
const nodes = (): string =>
  out("kubectl get nodes --no-headers | awk '{print $1, $2}'").trim().replace(/\n/g, ", ");
const details = (): string =>
  out("kubectl get pods -l app=details -o wide --no-headers | awk '{print $3, $7}' | sort")
    .trim()
    .replace(/\n/g, ", ");
const down = () => runAt(world, "worker-2", "ip link set eth0 down");
/** The card comes up; the routes that went with it do not come back by themselves. */
const up = () =>
  runAt(
    world,
    "worker-2",
    "ip link set eth0 up; ip route add 10.244.1.0/24 via 172.18.0.3; ip route add default via 172.18.0.1",
  );

beforeEach(() => {
  world = makeWorld("ambient");
});

describe("a node that loses its link", () => {
  it("takes its routes along, and its own way to the API server", () => {
    down();
    expect(runAt(world, "worker-2", "ip route").stdout).not.toContain("dev eth0");
    expect(runAt(world, "worker-2", "kubectl get nodes")).toMatchObject({
      stderr:
        "Unable to connect to the server: dial tcp 172.18.0.2:6443: connect: network is unreachable\n",
      status: 1,
    });
    const [pod] = out("kubectl get pods -l app=details -o name").trim().split("\n");
    expect(runAt(world, "worker-1", `kubectl logs ${pod}`).stderr).toMatch(
      /^Error from server: Get "https:\/\/172\.18\.0\.4:10250\/containerLogs\/default\/details-.*\/details": dial tcp 172\.18\.0\.4:10250: connect: no route to host\n$/,
    );
    expect(runAt(world, "worker-1", `kubectl exec ${pod} -- true`).stderr).toBe(
      "Error from server: error dialing backend: dial tcp 172.18.0.4:10250: connect: no route to host\n",
    );
  });

  it("is ready for all others until its kubelet has been silent for 50 s", () => {
    seconds(20);
    down();
    seconds(35);
    expect(nodes()).toBe("worker-1 Ready, worker-2 Ready");
    seconds(30);
    expect(nodes()).toBe("worker-1 Ready, worker-2 NotReady");
    expect(
      out(
        "kubectl get node worker-2 -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}, {.message}{\"\\n\"}{end}'",
      )
        .trim()
        .split("\n"),
    ).toEqual(
      ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map(
        (type) => `${type}=Unknown NodeStatusUnknown, Kubelet stopped posting node status.`,
      ),
    );
    expect(out("kubectl describe node worker-2 | grep -A1 Taints:")).toMatch(
      /^Taints: +node\.kubernetes\.io\/unreachable:NoSchedule\n +node\.kubernetes\.io\/unreachable:NoExecute\n$/,
    );
    expect(out("kubectl get events | grep NodeNotReady | grep node/")).toContain(
      "Node worker-2 status is now: NodeNotReady",
    );
    // Its pods may run or not: nobody is sent to them any more.
    expect(out("kubectl get endpoints details --no-headers | awk '{print $2}'")).toBe("<none>\n");
    expect(details()).toBe("Running worker-2");
  });

  it("costs who is sent there a timeout, then a refusal, and both ztunnels say why", () => {
    expect(fromCurl().status).toBe(0);
    down();
    // The tunnel that was open breaks only when its keepalive is not answered.
    expect(fromCurl()).toMatchObject({ status: 56, stdout: "" });
    expect(fromCurl()).toMatchObject({ status: 56, stdout: "" });
    expect(
      log("worker-1", 'direction="outbound"', "10.244.2.11:15008").map(
        (line) => /error="(.*)"/.exec(line)?.[1] ?? "",
      ),
    ).toEqual([
      "",
      "h2 failed: stream closed because of a broken pipe",
      "io error: No route to host (os error 113)",
    ]);
    expect(log("worker-1", "HBONE ping timeout/error")).toHaveLength(1);
    seconds(70);
    expect(fromCurl()).toMatchObject({ status: 56, stdout: "" });
    expect(log("worker-1", "no healthy upstream")).toHaveLength(1);
    expect(
      out("kubectl logs -n istio-system deploy/istiod | grep -c 'ztunnel-vh2qt.*terminated'"),
    ).toBe("1\n");
    up();
    seconds(40);
    expect(fromCurl().status).toBe(0);
    const tries = log("worker-2", "XDS client connection error").map(
      (line) => /retrying in (.*?)\t?$/.exec(line)?.[1]?.trim() ?? "",
    );
    expect(tries.slice(0, 3)).toEqual(["20ms", "20ms", "40ms"]);
    expect(tries.at(-1)).toBe("10.24s");
    expect(log("worker-2", "Stream established")).toHaveLength(2);
  });

  it("loses its pods to others after five minutes, daemons and its own pods excepted", () => {
    down();
    seconds(340);
    expect(details()).toBe("Running worker-2");
    seconds(30);
    expect(details()).toBe("Running worker-1, Terminating worker-2");
    expect(out("kubectl get events | grep TaintManagerEviction | grep details")).toMatch(
      /Marking for deletion Pod default\/details-v1-/,
    );
    expect(
      out(
        "kubectl get pods -A -o wide --no-headers | awk '$8 == \"worker-2\" {print $1, $4}' | sort -u",
      ),
    ).toBe("default Terminating\nistio-system Running\nkube-system Running\n");
    expect(fromCurl().status).toBe(0);
    // The pods there ran all the time: the order to end reaches them now.
    expect(runAt(world, "details", "true").status).toBe(0);
    up();
    seconds(60);
    expect(nodes()).toBe("worker-1 Ready, worker-2 Ready");
    expect(details()).toBe("Running worker-1");
    expect(out("kubectl describe node worker-2 | grep Taints:")).toMatch(/<none>/);
  });

  it("keeps its pods when it comes back in time", () => {
    down();
    seconds(200);
    const before = out("kubectl get pods -l app=details -o name");
    up();
    seconds(200);
    expect(out("kubectl get pods -l app=details -o name")).toBe(before);
    expect(details()).toBe("Running worker-2");
    expect(out("kubectl get events | grep -c 'Cancelling deletion of Pod default/details'")).toBe(
      "1\n",
    );
    expect(out("kubectl get endpoints details --no-headers | awk '{print $2}'")).toBe(
      "10.244.2.11:9080\n",
    );
    expect(fromCurl().status).toBe(0);
  });

  it("gets no new pods while it is lost, and hears then what it missed", () => {
    down();
    seconds(90);
    runAt(world, "worker-1", "kubectl scale deploy ratings-v1 --replicas=3");
    seconds(5);
    expect(
      out("kubectl get pods -l app=ratings -o wide --no-headers | awk '{print $7}' | sort -u"),
    ).toBe("worker-1\n");
    runAt(world, "worker-1", "kubectl delete pod -l app=reviews --force --grace-period=0");
    // A node alone goes on as it was.
    expect(runAt(world, "worker-2", "ss -ltn | wc -l").status).toBe(0);
    const stale = [...(world.nodes?.workers.values() ?? [])].filter(
      ({ pod }) => pod.metadata.labels?.app === "reviews" && pod.spec.nodeName === "worker-2",
    );
    expect(stale).toHaveLength(1);
    up();
    seconds(40);
    expect([...(world.nodes?.workers.values() ?? [])]).not.toContain(stale[0]);
  });
});
