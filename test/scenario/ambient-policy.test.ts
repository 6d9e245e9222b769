import { beforeEach, expect, it } from "vitest";
import { SEC } from "../../src/sim/sim.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";

/** AuthorizationPolicies in the ambient world of 2022: filters in front of workloads. */

const ZTUNNEL_B = "ztunnel-z4qmh";
let world: World;
beforeEach(() => {
  world = makeWorld("ambient-2022");
});
const seconds = (n: number) => world.sim.runUntil(world.sim.now + n * SEC);
const curl = (from: string, url = "http://10.8.14.226:9080/") =>
  runAt(world, from, `curl -s -o /dev/null -w '%{http_code} ' ${url}; echo $?`).stdout.trim();
const apply = (action: string, principal: string, more = "") => {
  const rules = `rules: [{ from: [{ source: { principals: ["${principal}"] } }]${more} }]`;
  runAt(
    world,
    "node-a",
    `kubectl apply -f - <<'EOF'
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: { name: who }
spec: { selector: { matchLabels: { app: productpage } }, action: ${action}, ${rules} }
EOF`,
  );
  seconds(1);
};
const SLEEP = "cluster.local/ns/default/sa/sleep";
const lastLine = () =>
  runAt(world, "node-a", `kubectl logs -n istio-system ${ZTUNNEL_B} --tail=1`).stdout.trimEnd();

it("who is named comes in through the tunnel", () => {
  apply("ALLOW", SLEEP);
  expect(curl("sleep")).toBe("200 0");
  expect(lastLine()).toMatch(/ virtual_inbound .* inbound hcm$/);
});

it("others are turned away, with the reason in the log", () => {
  apply("ALLOW", "cluster.local/ns/default/sa/details");
  expect(curl("sleep")).toBe("000 56");
  expect(lastLine()).toMatch(
    /^\[.*\] "- - -" 0 - - rbac_access_denied_matched_policy\[none\] "-" 0 0 \d+ - "-" "-" "-" "-" "-" - - 10\.4\.3\.20:15008 10\.4\.4\.18:\d+ - - capture inbound listener$/,
  );
});

it("a new policy reaches tunnels that are there within three quarters of a minute", () => {
  expect(curl("sleep")).toBe("200 0");
  apply("DENY", SLEEP);
  seconds(45);
  expect(curl("sleep")).toBe("000 56");
  expect(lastLine()).toContain(
    "rbac_access_denied_matched_policy[ns[default]-policy[who]-rule[0]]",
  );
  runAt(world, "node-a", "kubectl delete authorizationpolicy who");
  seconds(1);
  expect(curl("sleep")).toBe("200 0");
});

it("what the tunnel carries has no port to its filters: they see 15008", () => {
  apply("ALLOW", SLEEP, ', to: [{ operation: { ports: ["9080"] } }]');
  expect(curl("sleep")).toBe("000 56");
});

it("config_dump shows the filter", () => {
  apply("ALLOW", `${SLEEP}*`);
  const dump = runAt(world, ZTUNNEL_B, "curl -s 127.0.0.1:15000/config_dump").stdout;
  const text = JSON.stringify(JSON.parse(dump));
  const at = text.indexOf('{"name":"envoy.filters.network.rbac"');
  expect(text.slice(at, text.indexOf(',{"name":"envoy.filters.network.http', at))).toBe(
    '{"name":"envoy.filters.network.rbac","typed_config":{"@type":"type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC","rules":{"policies":{"ns[default]-policy[who]-rule[0]":{"permissions":[{"and_rules":{"rules":[{"any":true}]}}],"principals":[{"and_ids":{"ids":[{"or_ids":{"ids":[{"authenticated":{"principal_name":{"prefix":"spiffe://cluster.local/ns/default/sa/sleep"}}}]}}]}}]}}},"stat_prefix":"tcp.","shadow_rules_stat_prefix":"istio_dry_run_allow_"}}',
  );
});
