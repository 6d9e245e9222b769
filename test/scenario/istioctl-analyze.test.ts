import { describe, expect, it } from "vitest";
import { makeWorld, runAt } from "./kit.ts";
import { write } from "./kubectl-kit.ts";

const FOUND = (what: string): string =>
  `Error: Analyzers found issues when analyzing ${what}.\nSee https://istio.io/v1.30/docs/reference/config/analysis for more information about causes and resolutions.\n`;

function policy(name: string, spec: string): string {
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: default}
spec: ${spec}
---
`;
}

const NOBODY = policy("nobody", "{selector: {matchLabels: {app: nobody}}}");
const NO_WORKLOADS = (where = ""): string =>
  `Warning [IST0127] (AuthorizationPolicy default/nobody${where}) No matching workloads for this resource with the following labels: app=nobody\n`;

describe("istioctl analyze", () => {
  it("finds nothing in the world as it is, but a namespace that is not in the mesh", () => {
    const world = makeWorld("ambient");
    expect(runAt(world, "worker-1", "istioctl analyze")).toMatchObject({
      status: 0,
      stdout: "\n",
      stderr: "✔ No validation issues found when analyzing namespace: default.\n",
    });
    const { status, stdout, stderr } = runAt(world, "worker-1", "istioctl analyze -A");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Info \[IST0102\] \(Namespace outside\) The namespace is not enabled /);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(runAt(world, "worker-1", "istioctl analyze -n nope").stderr).toBe(
      'namespace "nope" not found\n',
    );
  });

  it("a label that asks for a sidecar leaves pods without one", () => {
    const world = makeWorld("ambient");
    const { stdout } = runAt(
      world,
      "worker-1",
      "kubectl label namespace outside istio-injection=enabled >/dev/null; istioctl analyze -n outside",
    );
    expect(stdout).toMatch(
      /^Warning \[IST0103\] \(Pod outside\/outsider-7c8b9d6f5c-r9vtl\) The pod outside\/outsider-\S+ is missing the Istio proxy\. This can often be resolved by restarting or redeploying the workload\.\n$/,
    );
  });

  it("a policy that fits nobody, in a file and applied", () => {
    const world = makeWorld("ambient");
    const { stdout } = runAt(world, "worker-1", `${write(NOBODY)}istioctl analyze web.yaml`);
    expect(stdout).toBe(NO_WORKLOADS(" web.yaml:1"));
    const applied = runAt(world, "worker-1", "kubectl apply -f web.yaml; istioctl analyze");
    expect(applied.stdout.split("\n").slice(1).join("\n")).toBe(NO_WORKLOADS());
    const strict = runAt(world, "worker-1", "istioctl analyze --failure-threshold warning");
    expect(strict).toMatchObject({ status: 79, stderr: FOUND("namespace: default") });
    const suppressed = "istioctl analyze -S 'IST0127=AuthorizationPolicy default/no*'";
    expect(runAt(world, "worker-1", suppressed).stdout).toBe("\n");
    expect(runAt(world, "worker-1", "istioctl analyze -n outside --output-threshold error").stdout)
      // Nobody is told of another namespace.
      .toBe("\n");
  });

  it("policies of HTTP without a waypoint: only a denial, and what no ztunnel can do, are reported", () => {
    const world = makeWorld("ambient");
    const http = "rules: [{to: [{operation: {methods: [POST]}}]}]";
    const all =
      policy("get", `{${http}}`) +
      policy("deny", `{action: DENY, ${http}}`) +
      policy("audit", `{action: AUDIT, ${http}}`);
    const { stdout, stderr, status } = runAt(
      world,
      "worker-1",
      `${write(all)}kubectl apply -f web.yaml >/dev/null; sleep 1; istioctl analyze`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe(
      `Warning [IST0133] (AuthorizationPolicy default/deny) Schema validation warning: configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port
Warning [IST0171] (AuthorizationPolicy default/audit) A condition with a negative status is present: type=ZtunnelAccepted, reason=UnsupportedValue, message=ztunnel does not support the AUDIT action.
`,
    );
  });

  it("a file's object stands in for the cluster's; errors have their lines and a status", () => {
    const world = makeWorld("ambient");
    const wrong = `# two of them
${policy("a", "{action: DENY}")}
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody}
spec:
  rules:
  - from:
    - source:
        namespaces: [default, shop]
`;
    const { stdout, stderr, status } = runAt(
      world,
      "worker-1",
      `${write(NOBODY)}kubectl apply -f web.yaml >/dev/null
${write(wrong, "wrong.yaml")}istioctl analyze wrong.yaml`,
    );
    expect({ status, stderr }).toEqual({ status: 79, stderr: FOUND("namespace: default") });
    expect(stdout).toBe(
      `Error [IST0101] (AuthorizationPolicy default/nobody wrong.yaml:15) Referenced namespace not found: "shop"
Error [IST0106] (AuthorizationPolicy default/a wrong.yaml:1) Schema validation error: invalid policy a.default: DENY action without \`rules\` is meaningless as it will never be triggered, add an empty rule \`{}\` if you want it be triggered for every request
`,
    );
    const json = runAt(world, "worker-1", "istioctl analyze wrong.yaml -o json");
    expect(json.status).toBe(0);
    expect(JSON.parse(json.stdout)[0]).toEqual({
      code: "IST0101",
      documentationUrl:
        "https://istio.io/v1.30/docs/reference/config/analysis/ist0101/?ref=istioctl-analyze",
      level: "Error",
      message: 'Referenced namespace not found: "shop"',
      origin: "AuthorizationPolicy default/nobody",
      reference: "wrong.yaml:15",
    });
  });

  it("says what of a file is not read", () => {
    const world = makeWorld("ambient");
    const broken = "a: b: c\n---\napiVersion: v1\nkind: Gizmo\nmetadata: {name: x}\n";
    const { stderr, status } = runAt(
      world,
      "worker-1",
      `${write(broken, "b.yaml")}istioctl analyze b.yaml`,
    );
    expect(status).toBe(65);
    expect(stderr.replace(/^\S+/, "TIME")).toBe(
      `TIME	warn	file	error processing b.yaml[0]: failed converting YAML to JSON: yaml: line 1: mapping values are not allowed in this context - skipping
Error(s) adding files: 1 error occurred:
	* errors parsing content "b.yaml": 1 error occurred:
	* error processing b.yaml[0]: failed converting YAML to JSON: yaml: line 1: mapping values are not allowed in this context



No validation issues found when analyzing namespace: default (but 1 file could not be parsed).
Error: Some files couldn't be parsed.
`,
    );
    const enumerated = write(policy("x", "{action: BLOCK}"), "e.yaml");
    expect(runAt(world, "worker-1", `${enumerated}istioctl analyze e.yaml`).stderr).toContain(
      'failed parsing JSON for built-in type: unknown value "\\"BLOCK\\"" for enum istio.security.v1beta1.AuthorizationPolicy.Action - skipping',
    );
    expect(runAt(world, "worker-1", "istioctl analyze nope.yaml")).toMatchObject({
      status: 1,
      stderr: "Error: stat nope.yaml: no such file or directory\n",
    });
  });

  it("reads folders, and files without a cluster", () => {
    const world = makeWorld("ambient");
    const script = `mkdir -p d/e; ${write(NOBODY, "d/e/p.yaml")}touch d/README
cat d/e/p.yaml | istioctl analyze --use-kube=false -
istioctl analyze d`;
    const { stdout, stderr } = runAt(world, "worker-1", script);
    expect(stdout).toBe(NO_WORKLOADS(" -:1") + NO_WORKLOADS(" d/e/p.yaml:1"));
    expect(stderr).toBe(
      "Skipping file d/README, recognized file extensions are: [.json .yaml .yml]\n",
    );
  });

  it("lists its analyzers, and runs those that are named", () => {
    const world = makeWorld("ambient");
    const { stdout } = runAt(
      world,
      "worker-1",
      "istioctl analyze -L | grep -A1 injection.Analyzer",
    );
    expect(stdout).toBe(
      "* injection.Analyzer:\n    Checks conditions related to Istio sidecar injection\n",
    );
    const one = "istioctl analyze -A --analyzer service.PortNameAnalyzer";
    expect(runAt(world, "worker-1", one).stderr).toBe(
      "✔ No validation issues found when analyzing all namespaces.\n",
    );
  });
});
