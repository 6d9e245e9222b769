import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { compileWorld } from "../../src/lab/compile/world.ts";
import { World } from "../../src/world/world.ts";
import { runAt } from "./kit.ts";

/** Pods come and go, and the mesh goes with them: the same agents, the same commands, no script. */

const file = join(import.meta.dirname, "../../lessons/worlds/ambient-2022.yaml");

let world: World;
beforeEach(() => {
  world = new World(compileWorld("ambient-2022.yaml", "ambient-2022", readFileSync(file, "utf8")));
});

const names = (app: string): string[] =>
  world.cluster?.store
    .list("Pod")
    .filter((pod) => pod.metadata.labels?.app === app)
    .map((pod) => pod.metadata.name) ?? [];

const status = (at: string): string =>
  runAt(world, at, "curl -s -o /dev/null --max-time 3 -w '%{http_code}' productpage:9080/").stdout;

describe("kubectl delete pod", () => {
  it("moves a server to a new address, and node B's set, table 100 and the Service follow", () => {
    const out = runAt(
      world,
      "node-b",
      `kubectl delete pod productpage-v1-5586c4d4ff-qxz9f --force
       sleep 1
       ipset list ztunnel-pods-ips | grep -c -e 10.4.3.20 -e 10.4.3.21
       ip route show table 100 | grep -o -e '^10.4.3.20' -e '^10.4.3.21'
       iptables-save -t nat | grep -o 'to-destination 10.4.3.2.*'`,
    );
    expect(out.stdout).toBe(
      `pod "productpage-v1-5586c4d4ff-qxz9f" force deleted\n1\n10.4.3.21\nto-destination 10.4.3.21:9080\n`,
    );
    expect(out.stderr).toContain("warning: Immediate deletion does not wait");
    expect(status("sleep")).toBe("200");
  });

  it("waits for a program that does not hear SIGTERM; it serves until the end", () => {
    const out = runAt(
      world,
      "node-a",
      `kubectl delete pod productpage-v1-5586c4d4ff-qxz9f --wait=false
       sleep 5
       curl -s -o /dev/null -w '%{http_code}\\n' 10.4.3.20:9080/
       kubectl get pods -l app=productpage --no-headers | grep -c -e Terminating -e Running
       sleep 26
       curl -s -o /dev/null -w '%{http_code}\\n' --max-time 3 10.4.3.20:9080/
       kubectl get pods -l app=productpage --no-headers | grep -c -e Terminating -e Running`,
    );
    expect(out.stdout.split("\n").slice(1)).toEqual(["200", "2", "000", "1", ""]);
  });

  it("fails closed while a node has no ztunnel, and captures again when the new one is ready", () => {
    const [old] = names("ztunnel");
    const sleepAt = "sleep-5644bdc767-2dfg7";
    runAt(world, "node-a", `kubectl delete pod -n istio-system ${old} --wait=false`);
    expect(runAt(world, sleepAt, "curl -s --max-time 0.12 10.8.14.226:9080/").status).not.toBe(0);
    runAt(world, "node-a", "sleep 2");
    expect(names("ztunnel")).not.toContain(old);
    expect(status("sleep")).toBe("200");
    const rules = runAt(world, "node-a", "ip route show table 101").stdout;
    expect(rules).toContain("10.4.4.20 dev veth");
    expect(rules).toContain("default via 192.168.127.2 dev istioout");
  });

  it("starts a node's agent again, which finds the pods that are there", () => {
    const [cni] = names("istio-cni-node");
    const before = runAt(world, "node-a", "ip route show table 100").stdout;
    runAt(world, "node-a", `kubectl delete pod -n kube-system ${cni}; sleep 2`);
    expect(names("istio-cni-node")).toHaveLength(2);
    expect(world.agents).toHaveLength(2);
    expect(runAt(world, "node-a", "ip route show table 100").stdout).toBe(before);
    expect(status("sleep")).toBe("200");
  });

  it("brings a static pod back under its name", () => {
    const out = runAt(
      world,
      "node-a",
      "kubectl delete pod -n kube-system kube-proxy-node-a; sleep 1; kubectl get pods -n kube-system --no-headers | grep -c kube-proxy-node-a",
    );
    expect(out.stdout).toBe('pod "kube-proxy-node-a" deleted\n1\n');
  });
});

it("a pod begins with the node's settings of IPv4, as a namespace does with those of the first", () => {
  const { stdout } = runAt(
    world,
    "sleep",
    "sysctl -n net.ipv4.ip_forward net.ipv4.conf.all.forwarding",
  );
  expect(stdout).toBe("1\n1\n");
  expect(runAt(world, "sleep", "ping -c 1 -W 1 10.4.3.20").status).toBe(0);
});
