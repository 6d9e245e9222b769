import { beforeEach, describe, expect, it } from "vitest";
import { Process } from "../../src/host/process.ts";
import { clusterOf } from "../../src/kube/cluster.ts";
import type { Problem } from "../../src/shell/language/language.ts";
import { yaml } from "../../src/shell/language/yaml.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";
import { WEB, write } from "./kubectl-kit.ts";

/** What the editor knows of Kubernetes' and Istio's YAML, held against what kubectl prints. */

let world: World;
let p: Process;
let node: string;
const use = (name: string, at = "node-a"): void => {
  world = makeWorld(name);
  node = at;
  const machine = world.machine(at);
  if (!machine) throw new Error(`no ${at}`);
  p = new Process(machine, null, ["edit"]);
};
beforeEach(() => use("ambient-2022"));

const check = (text: string): Problem[] => yaml.check(p, "x.yaml", text);

/** The text that a problem is at. */
function at(text: string, { line, column, endLine, endColumn }: Problem): string {
  const lines = text.split("\n").slice(line - 1, endLine);
  const last = lines.length - 1;
  lines[last] = (lines[last] as string).slice(0, endColumn - 1);
  lines[0] = (lines[0] as string).slice(column - 1);
  return lines.join("\n");
}

function offered(text: string): string[] {
  const found = yaml.complete(p, text.replace("|>", ""), text.indexOf("|>"));
  return found?.items.map(({ label }) => label) ?? [];
}

function hovered(text: string): string | null {
  return yaml.hover(p, text.replace("|>", ""), text.indexOf("|>"))?.text ?? null;
}

describe("errors", () => {
  it("finds nothing wrong with what can be applied, nor with YAML that is no manifest", () => {
    expect(check(WEB)).toEqual([]);
    expect(check("a: [1, 2]\n---\nb: c\n")).toEqual([]);
    expect(check("")).toEqual([]);
  });

  it.each([
    ["an unknown field", ["  replicas: 2", "  replica: 2"], "replica"],
    ["a value of another type", ["replicas: 2", "replicas: two"], "two"],
    ["a negative number", ["replicas: 2", "replicas: -2"], "-2"],
    [
      "a missing field",
      ["  selector: {matchLabels: {app: web}}\n  template", "  template"],
      "spec",
    ],
    [
      "a bad name",
      ["metadata: {name: web}\nspec:\n  rep", "metadata: {name: Web}\nspec:\n  rep"],
      "Web",
    ],
    ["an unknown kind", ["kind: Deployment", "kind: Deploymint"], "Deploymint"],
    [
      "an unknown namespace",
      ["{name: web}\nspec:\n  rep", "{name: web, namespace: nope}\nspec:\n  rep"],
      "nope",
    ],
    ["an unknown protocol", ["port: 80, ", "port: 80, protocol: TPC, "], "TPC"],
    ["a port out of range", ["port: 80,", "port: 80000,"], "80000"],
    ["a wrong selector", ["{matchLabels: {app: web}}", "{matchLabels: {app: wob}}"], "labels"],
  ])("says of %s what kubectl says, at the field", (_what, [from, to], where) => {
    const text = WEB.replace(from as string, to as string);
    expect(text).not.toBe(WEB);
    const { stderr } = runAt(
      world,
      node,
      `${write(text, "x.yaml")}kubectl apply --dry-run=server -f x.yaml`,
    );
    const problems = check(text);
    expect(problems.length).toBeGreaterThan(0);
    for (const { message } of problems) expect(stderr).toContain(message);
    expect(problems.map((problem) => at(text, problem))[0]).toMatch(new RegExp(`^${where}`));
  });

  it("finds what is not YAML, with its line and kubectl's words", () => {
    const text = WEB.replace("kind: Service", "kind: Service: x");
    const [problem] = check(text);
    const { stderr } = runAt(world, node, `${write(text, "x.yaml")}kubectl apply -f x.yaml`);
    expect(stderr.trim()).toBe(problem?.message);
    expect(at(text, problem as Problem)).toBe("kind: Service: x");
  });

  it("counts what earlier documents of the file make", () => {
    const space = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n";
    const pod =
      "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\nspec: {ports: [{port: 1}]}\n";
    expect(check(space + pod)).toEqual([]);
    expect(check(pod)).toHaveLength(1);
  });

  it("says it of Istio's kinds too", () => {
    use("ambient", "worker-1");
    const text =
      "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a}\nspec:\n  action: DENNY\n  rules:\n  - from: x\n";
    const { stderr } = runAt(
      world,
      node,
      `${write(text, "x.yaml")}kubectl apply --dry-run=server -f x.yaml`,
    );
    const problems = check(text);
    for (const { message } of problems) expect(stderr).toContain(message);
    expect(problems.map((problem) => at(text, problem))).toContain("x");
  });
});

describe("a rehearsal", () => {
  it("shows what kubectl apply would change, and leaves the cluster and its chance alone", () => {
    const { store } = clusterOf(p.machine) ?? { store: null };
    runAt(world, node, `${write(WEB)}kubectl apply -f web.yaml; sleep 5`);
    const state = () =>
      JSON.stringify([
        store?.version,
        world.sim.streams.size,
        [...world.sim.streams],
        world.sim.seq,
      ]);
    const before = state();
    const next = world.sim.trace.next;
    const preview = yaml.preview?.(p, "web.yaml", WEB.replace("replicas: 2", "replicas: 3"));
    expect(preview?.problem).toBe("");
    const changed = preview?.diff.split("\n").filter((line) => /^[-+]/.test(line));
    expect(changed).toEqual([
      "--- LIVE/apps.v1.Deployment.default.web",
      "+++ MERGED/apps.v1.Deployment.default.web",
      "-  generation: 1",
      "+  generation: 2",
      "-  replicas: 2",
      "+  replicas: 3",
    ]);
    yaml.preview?.(p, "x.yaml", WEB.replace(/name: web/g, "name: other"));
    expect(state()).toBe(before);
    expect(world.sim.trace.next).toBe(next);
    expect(yaml.preview?.(p, "web.yaml", WEB)).toEqual({ diff: "", problem: "" });
  });
});

const TOP = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n";

describe("completion", () => {
  it("knows kinds and versions, each by the other", () => {
    expect(offered("|>")).toEqual(expect.arrayContaining(["apiVersion", "kind"]));
    expect(offered("apiVersion: apps/v1\nkind: |>")).toEqual([
      "DaemonSet",
      "Deployment",
      "ReplicaSet",
    ]);
    expect(offered("kind: Deployment\napiVersion: |>")).toEqual(["apps/v1"]);
  });

  it("knows fields by the schema of the place, in lists and behind dashes", () => {
    expect(offered(`${TOP}spec:\n  |>`)).toEqual(expect.arrayContaining(["replicas", "selector"]));
    expect(offered(`${TOP}spec:\n  replicas: 1\n  |>`)).not.toContain("replicas");
    const pod = `${TOP}spec:\n  template:\n    spec:\n      containers:\n`;
    for (const item of [
      "      - |>",
      "      - name: a\n        |>",
      "        - name: a\n          im|>",
    ])
      expect(offered(pod + item)).toEqual(expect.arrayContaining(["image", "ports"]));
    expect(offered(`${pod}      - name: a\n        ports:\n        - |>`)).toContain(
      "containerPort",
    );
    expect(offered(`${pod}      - name: a\n      |>`)).toContain("serviceAccountName");
    expect(offered(`${WEB}---\n${TOP}sp|>`)).toContain("spec");
  });

  it("knows values: of enumerations, names of objects, labels of pods", () => {
    expect(offered("apiVersion: v1\nkind: Service\nspec:\n  type: |>")).toContain("NodePort");
    expect(offered(`${TOP}  namespace: |>`)).toEqual(
      expect.arrayContaining(["default", "kube-system"]),
    );
    expect(offered(`${TOP}spec:\n  template:\n    spec:\n      serviceAccountName: |>`)).toContain(
      "default",
    );
    expect(offered("apiVersion: v1\nkind: Service\nspec:\n  selector:\n    |>")).toContain("app");
    expect(offered("apiVersion: v1\nkind: Service\nspec:\n  selector:\n    app: |>")).toContain(
      "sleep",
    );
    expect(offered(`${TOP}spec:\n  paused: |>`)).toEqual(["true", "false"]);
  });

  it("knows what CustomResourceDefinitions add", () => {
    use("ambient", "worker-1");
    const policy =
      "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nspec:\n  rules:\n  - from:\n    - source:\n";
    expect(offered(`${policy}        |>`)).toEqual(
      expect.arrayContaining(["principals", "namespaces"]),
    );
    expect(offered(`${policy}        principals:\n        - |>`)).toContain(
      "cluster.local/ns/default/sa/default",
    );
    expect(
      offered("apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nspec:\n  action: |>"),
    ).toContain("DENY");
  });
});

describe("hover", () => {
  it("says what kubectl explain says", () => {
    const explain = (what: string) =>
      runAt(world, node, `kubectl explain ${what}`).stdout.trimEnd();
    expect(hovered(`${TOP}spec:\n  repli|>cas: 1\n`)).toBe(explain("deployment.spec.replicas"));
    expect(hovered("apiVersion: v1\nkind: Po|>d\n")).toBe(explain("pod"));
    expect(
      hovered("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: x\n    po|>rts: []\n"),
    ).toBe(explain("pod.spec.containers.ports"));
    expect(hovered("apiVersion: v1\nkind: Pod\nmetadata:\n  name: x|>y\n")).toBeNull();
  });
});
