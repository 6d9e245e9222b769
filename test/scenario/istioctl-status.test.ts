import { describe, expect, it } from "vitest";
import istioctl from "../../src/shell/command/istioctl/istioctl.ts";
import { daemon } from "../../src/world/daemon.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";

/** What a line prints on a node, its errors after it. */
function said(world: World, line: string): string {
  const { stdout, stderr } = runAt(world, world.spec.cluster?.nodes[0]?.name ?? "", line);
  return stdout + stderr;
}

/** Rows of a table by their first cell. */
function rows(text: string): Record<string, string[]> {
  return Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/))
      .map(([name = "", ...cells]) => [name, cells]),
  );
}

describe("istioctl proxy-status", () => {
  it("says what each ztunnel has asked for, and of whom", () => {
    const world = makeWorld("ambient");
    expect(said(world, "istioctl proxy-status")).toBe(
      `NAME                           CLUSTER        ISTIOD                      VERSION     SUBSCRIBED TYPES
ztunnel-9zkdm.istio-system     Kubernetes     istiod-7d4f9c6b5d-2xk8p     1.30.3      2 (WADS,WDS)
ztunnel-vh2qt.istio-system     Kubernetes     istiod-7d4f9c6b5d-2xk8p     1.30.3      2 (WADS,WDS)
`,
    );
    const table = rows(said(world, "sleep 30; istioctl ps -v 1"));
    expect(table.NAME?.slice(0, -2)).toEqual([
      ...["CLUSTER", "CDS", "ECDS", "EDS", "LDS", "RDS", "WADS", "WDS"],
    ]);
    for (const proxy of ["ztunnel-9zkdm", "ztunnel-vh2qt"]) {
      const [, ...types] = table[`${proxy}.istio-system`] ?? [];
      expect(types.slice(0, 5)).toEqual(Array(5).fill("IGNORED"));
      for (const type of types.slice(5, 7)) expect(type).toMatch(/^SYNCED \(3\ds\)$/);
    }
    expect(said(world, "istioctl ps -n default").split("\n")).toHaveLength(2);
    expect(said(world, "istioctl ps ztunnel-9zkdm -n istio-system")).toBe(
      "Sync diff is not available for ztunnel pod ztunnel-9zkdm.istio-system\n",
    );
    expect(said(world, "istioctl ps -o xml")).toBe('Error: output format "xml" not supported\n');
  });

  it("knows what was not confirmed, and that an answer was refused", () => {
    const world = makeWorld("ambient");
    const at = (line: string): string => runAt(world, "ztunnel-9zkdm", line).stdout;
    const wds = (): string | undefined =>
      rows(said(world, "istioctl ps -v 1"))["ztunnel-9zkdm.istio-system"]?.[7];
    expect(wds()).toMatch(/^SYNCED/);
    // What the ztunnel says does not arrive any more; what istiod sends still does.
    const node = "iptables -t mangle -I FORWARD -s 10.244.1.4 -p tcp --dport 15012 -j DROP";
    expect(
      said(
        world,
        `${node}; kubectl label pod -l app=ratings service.istio.io/canonical-revision=v9`,
      ),
    ).toMatch(/labeled/);
    at("sleep 1");
    expect(wds()).toMatch(/^STALE \(\ds\)$/);
    said(world, `${node.replace("-I", "-D")}; sleep 10`);
    expect(wds()).toMatch(/^SYNCED \(\d+s\)$/);
    // As if the proxy had refused it: there is nothing that today's ztunnel does not take.
    const [stream] = world.controlPlane?.discovery.streams ?? [];
    for (const watched of stream?.watched.values() ?? []) watched.lastError = "no such thing";
    expect(wds()).toMatch(/^ERROR \(\d+s\)$/);
    expect(said(world, "istioctl ps -o json")).toContain('"details": "no such thing"');
  });

  it("shows the successor of a ztunnel that was deleted", () => {
    const world = makeWorld("ambient");
    said(world, "kubectl delete pod ztunnel-9zkdm -n istio-system; sleep 10");
    const { NAME: _, ...proxies } = rows(said(world, "istioctl ps"));
    const names = Object.keys(proxies);
    expect(names).toHaveLength(2);
    expect(names).not.toContain("ztunnel-9zkdm.istio-system");
    for (const cells of Object.values(proxies)) expect(cells.at(-1)).toBe("2 (WADS,WDS)");
  });

  it("says that there is no istiod, as does version", () => {
    const world = makeWorld("ambient");
    said(world, "kubectl scale deployment istiod -n istio-system --replicas=0; sleep 40");
    expect(runAt(world, "worker-1", "istioctl ps")).toMatchObject({
      status: 1,
      stderr: 'Error: no running Istio pods in "istio-system"\n',
    });
    expect(runAt(world, "worker-1", "istioctl version")).toMatchObject({
      status: 0,
      stdout: "client version: 1.30.3\n",
      stderr:
        'Istio is not present in the cluster: no running Istio pods in namespace "istio-system"\n',
    });
  });

  it("of the preview shows each type's state", () => {
    const world = makeWorld("ambient-2022");
    const { NAME, ...proxies } = rows(said(world, "istioctl proxy-status"));
    expect(NAME).toEqual(["CLUSTER", "CDS", "LDS", "EDS", "RDS", "ECDS", "ISTIOD", "VERSION"]);
    for (const cells of Object.values(proxies))
      expect(cells.slice(1, 6)).toEqual(["SYNCED", "SYNCED", "SYNCED", "NOT SENT", "NOT SENT"]);
    expect(said(world, "istioctl zc workload")).toMatch(/^Error: unknown command "zc" for /);
    expect(Object.keys(proxies)).toEqual([
      "ztunnel-rts54.istio-system",
      "ztunnel-z4qmh.istio-system",
    ]);
    said(world, "kubectl scale deployment istiod -n istio-system --replicas=0; sleep 40");
    expect(said(world, "istioctl ps")).toBe("Error: unable to find any Istiod instances\n");
    expect(said(world, "istioctl version")).toMatch(
      /^client version: 0\.0\.0-ambient\.191f.*\nno running Istio pods in "istio-system"\n$/,
    );
  });
});

describe("istiod's pages", () => {
  it("have what was sent and confirmed of every type", () => {
    const world = makeWorld("ambient");
    const page = (path: string): string =>
      runAt(world, "istiod", `curl -s localhost:15014/${path}`).stdout;
    const [one] = JSON.parse(page("debug/syncz"));
    expect(one).toMatchObject({
      cluster_id: "Kubernetes",
      proxy: "ztunnel-9zkdm.istio-system",
      proxy_type: "ztunnel",
      istio_version: "1.30.3",
    });
    expect(Object.keys(one.resources)).toEqual([
      "type.googleapis.com/istio.security.Authorization",
      "type.googleapis.com/istio.workload.Address",
    ]);
    for (const { sent, acked } of Object.values<{ sent: string; acked: string }>(one.resources))
      expect([sent, acked]).toEqual([expect.stringMatching(/^2026-06-01T/), sent]);
    expect(page("debug/syncz?pretty").split("\n")[1]).toBe("    {");
    expect(page("version")).toBe("1.30.3-56df41f63e513f834c9a3af33d8aed82d1d961f2-Clean");
  });
});

describe("istioctl version", () => {
  it("counts proxies by their versions", () => {
    const world = makeWorld("ambient");
    expect(said(world, "istioctl version")).toBe(
      `client version: 1.30.3
control plane version: 1.30.3
data plane version: 1.30.3 (2 proxies)
`,
    );
    expect(said(world, "istioctl version --remote=false")).toBe("client version: 1.30.3\n");
    const { meshVersion, dataPlaneVersion } = JSON.parse(said(world, "istioctl version -o json"));
    expect(meshVersion).toMatchObject([{ Component: "pilot", Revision: "default" }]);
    expect(dataPlaneVersion[0]).toEqual({
      ID: "ztunnel-9zkdm.istio-system",
      IstioVersion: "1.30.3",
      Type: "ztunnel",
    });
  });

  it("is the client's alone where there is no cluster", () => {
    const world = makeWorld("linux");
    const { stdout, stderr } = runAt(world, world.first.name, "istioctl version; istioctl ps");
    expect(stdout).toBe("client version: 1.30.3\n");
    expect(stderr).toMatch(/^Istio is not present in the cluster: create kube client: .*\nError: /);
  });
});

describe("istioctl proxy-config", () => {
  it("says of a ztunnel what its dump does not have", () => {
    const world = makeWorld("ambient");
    const words = (part: string): string =>
      said(world, `istioctl pc ${part} ztunnel-9zkdm.istio-system`).trimEnd();
    const none = (type: string): string =>
      `config dump has no configuration type type.googleapis.com/envoy.admin.v3.${type}`;
    expect(words("cluster")).toBe(`Error: ${none("ClustersConfigDump")}`);
    expect(words("listener")).toBe(`Error: listener dump: ${none("ListenersConfigDump")}`);
    expect(words("route")).toBe(`Error: ${none("RoutesConfigDump")}`);
    expect(words("all")).toBe(`Error: ${none("BootstrapConfigDump")}`);
    expect(words("endpoint")).toBe(
      "Error: failed to execute command on Envoy: unexpected status code: 404",
    );
    expect(words("secret -o yaml")).toBe(
      `Error: sidecar doesn't support secrets: ${none("SecretsConfigDump")}`,
    );
    expect(words("log --level debug")).toMatch(
      /^ztunnel-9zkdm\.istio-system:\ncurrent log level is .*debug$/,
    );
    expect(said(world, "istioctl pc cluster productpage-v1-5d8c6f7b9c-k7zlw")).toBe(
      'Error: failed to execute command on productpage-v1-5d8c6f7b9c-k7zlw.default sidecar: failure running port forward process: Get "http://localhost:15000/config_dump": EOF\n',
    );
  });

  it("reads the clusters and roots of the preview's Envoys", () => {
    const world = makeWorld("ambient-2022");
    const pods = "ztunnel-rts54.istio-system ztunnel-z4qmh.istio-system";
    const clusters = rows(said(world, `istioctl pc cluster ${pods.split(" ")[0]}`));
    expect(clusters["SERVICE FQDN"]?.slice(0, 4)).toEqual(["PORT", "SUBSET", "DIRECTION", "TYPE"]);
    expect(clusters.BlackHoleCluster?.slice(0, 4)).toEqual(["-", "-", "-", "STATIC"]);
    expect(said(world, `istioctl pc rc ${pods}`)).toMatch(/^Both .* have the identical ROOTCA, /);
  });
});

describe("istioctl's command line", () => {
  it("is completed", () => {
    const world = makeWorld("ambient");
    const p = daemon(world.first, ["istioctl"]);
    const next = (...words: string[]) => istioctl.complete?.(p, ["istioctl", ...words]);
    expect(next("")).toEqual([
      ...["analyze", "proxy-config", "proxy-status", "version", "ztunnel-config"],
    ]);
    expect(next("pc", "")).toContain("listener");
    expect(next("zc", "")).toContain("workload");
    expect(next("ps", "")).toContain("ztunnel-9zkdm.istio-system");
    expect(next("analyze", "-n", "")).toContain("outside");
  });

  it("is refused in cobra's words, with status 64", () => {
    const world = makeWorld("ambient");
    const refused = (line: string) => {
      const { status, stderr } = runAt(world, "worker-1", `istioctl ${line}`);
      return `${status} ${stderr}`;
    };
    expect(refused("frobnicate")).toBe(
      `64 Error: unknown command "frobnicate" for "istioctl"\nRun 'istioctl --help' for usage.\n`,
    );
    expect(refused("proxy-statu")).toBe(
      `64 Error: unknown command "proxy-statu" for "istioctl"\n\nDid you mean this?\n\tproxy-status\n\nRun 'istioctl --help' for usage.\n`,
    );
    expect(refused("ps --frob")).toBe("64 Error: unknown flag: --frob\n");
    expect(refused("ps -v much")).toBe(
      `64 Error: invalid argument "much" for "-v, --verbosity" flag: strconv.ParseInt: parsing "much": invalid syntax\n`,
    );
    expect(runAt(world, "worker-1", "istioctl zc frob").stdout).toMatch(/^A group of commands/);
  });
});
