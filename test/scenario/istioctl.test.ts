import { describe, expect, it } from "vitest";
import { makeWorld, runAt } from "./kit.ts";

describe("istioctl", () => {
  it("shows the secrets of the preview's Envoys, as they say themselves", () => {
    const world = makeWorld("ambient-2022");
    const { stdout } = runAt(world, "node-a", "istioctl pc secret ztunnel-rts54.istio-system");
    const [head = "", leaf = "", root = ""] = stdout.split("\n");
    expect(head.split(/ {2,}/)).toEqual([
      ...["RESOURCE NAME", "TYPE", "STATUS", "VALID CERT"],
      ...["SERIAL NUMBER", "NOT AFTER", "NOT BEFORE"],
    ]);
    expect(leaf).toMatch(
      /^spiffe:\/\/cluster\.local\/ns\/default\/sa\/sleep~\S+ +Cert Chain +ACTIVE +true +[0-9a-f]{32} +2022-11-22T08:00:00Z/,
    );
    expect(root).toMatch(/^ROOTCA +CA +ACTIVE +true +[0-9a-f]{32} /);
  });

  it("reads dumps that were kept, in three forms", () => {
    const world = makeWorld("ambient-2022");
    const { stdout } = runAt(
      world,
      "node-a",
      `kubectl exec -n istio-system ztunnel-rts54 -- curl -s localhost:15000/config_dump > d.json
istioctl pc secret -f d.json | wc -l
istioctl pc secret -f d.json -o yaml | head -1
istioctl pc secret -f d.json -o json | head -2`,
    );
    expect(stdout).toBe(`3
'@type': type.googleapis.com/envoy.admin.v3.SecretsConfigDump
{
    "@type": "type.googleapis.com/envoy.admin.v3.SecretsConfigDump",
`);
  });

  it("says what is wrong in its own words", () => {
    const world = makeWorld("ambient");
    const words = (line: string): string => runAt(world, "worker-1", line).stderr.trim();
    expect(words("istioctl pc secret")).toBe("Error: secret requires pod name or --file parameter");
    expect(words("istioctl pc secret ztunnel-9zkdm.istio-system")).toBe(
      "Error: config dump has no configuration type type.googleapis.com/envoy.admin.v3.SecretsConfigDump",
    );
    expect(words("istioctl zc certificate")).toBe("Error: ztunnel pod name or --node must be set");
    expect(words("istioctl zc workload -o xml")).toBe('Error: output format "xml" not supported');
    expect(runAt(world, "worker-1", "istioctl zc workload -o yaml").stdout).toMatch(
      /^- canonicalName: /,
    );
  });
});
