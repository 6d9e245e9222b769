import { beforeEach, describe, expect, it } from "vitest";
import { parseManifests } from "../../src/kube/text/manifest.ts";
import type { ClusterSpec } from "../../src/world/spec.ts";
import { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";
import * as kubectl from "./kubectl-kit.ts";
import { pod, WEB } from "./kubectl-kit.ts";

/** kubectl 1.24's words and shapes (kubernetes/kubectl at v0.24.5): what it shows. */

let world: World;
beforeEach(() => {
  world = makeWorld("ambient-2022");
});

const run = (script: string) => runAt(world, "node-a", script);
const said = (script: string): string => kubectl.said(world, script);
const apply = (text: string): string => kubectl.apply(world, text);

describe("get", () => {
  it("names kinds in every way, several at once, with their kinds before the names", () => {
    const plain = said("kubectl get deployments ratings-v1");
    expect(plain).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nratings-v1 +1\/1 +1 +1 +\d+s\n$/,
    );
    for (const words of [
      "deploy ratings-v1",
      "deployment.apps ratings-v1",
      "Deployment ratings-v1",
      "deploy/ratings-v1",
      "deployments.v1.apps ratings-v1",
    ])
      expect(said(`kubectl get ${words}`).replace(/\d+s/, "")).toBe(plain.replace(/\d+s/, ""));
    expect(said("kubectl get sa/sleep svc/details -o name")).toBe(
      "serviceaccount/sleep\nservice/details\n",
    );
    expect(said("kubectl get svc,deploy -l app=none")).toBe(
      "No resources found in default namespace.\n",
    );
    expect(said("kubectl get ns,sa --no-headers -n istio-system")).toMatch(
      /^namespace\/default +Active[\s\S]*serviceaccount\/ztunnel +0 /,
    );
  });

  it("goes on past what is not there, and says so last", () => {
    const out = run("kubectl get svc nope details other");
    expect(out.stdout).toMatch(/^NAME[^\n]*\ndetails /);
    expect(out.stderr).toBe(
      'Error from server (NotFound): services "nope" not found\nError from server (NotFound): services "other" not found\n',
    );
    expect(out.status).toBe(1);
  });

  it("selects by labels, sets of values, fields", () => {
    const names = (words: string) =>
      said(`kubectl get pods ${words} -o custom-columns=:.metadata.labels.version --no-headers`)
        .split("\n")
        .filter(Boolean);
    expect(names("-l app=reviews")).toEqual(["v1", "v2", "v3"]);
    expect(names("-l 'app in (reviews),version notin (v2)'")).toEqual(["v1", "v3"]);
    expect(names("-l app=reviews,version!=v1")).toEqual(["v2", "v3"]);
    expect(names("-l '!version'")).toEqual(["<none>"]);
    expect(names("--field-selector spec.nodeName=node-a")).toEqual(["<none>"]);
    expect(said("kubectl get pods --field-selector spec.color=red")).toContain(
      "field label not supported: spec.color",
    );
  });

  it("prints YAML in alphabetical order, JSON by four", () => {
    expect(said("kubectl get sa sleep -o yaml")).toMatch(
      /^apiVersion: v1\nkind: ServiceAccount\nmetadata:\n {2}creationTimestamp: "2022-11-21T08:00:00Z"\n {2}name: sleep\n {2}namespace: default\n {2}resourceVersion: "\d+"\n {2}uid: [0-9a-f-]{36}\n$/,
    );
    expect(said("kubectl get sa -o json | head -4")).toBe(
      '{\n    "apiVersion": "v1",\n    "items": [\n        {\n',
    );
    expect(said("kubectl get svc -o jsonpath='{.items[*].spec.clusterIP}'")).toBe(
      "10.8.3.106 10.8.14.226 10.8.9.35 10.8.12.70",
    );
    expect(said("kubectl get svc -o html")).toMatch(
      /^error: unable to match a printer suitable for the output format "html", allowed formats are: custom-columns,/,
    );
  });

  it("shows labels, columns of labels, and sorts", () => {
    expect(said("kubectl get pods -l app=ratings -L app,version --no-headers")).toMatch(
      /ratings +v1\n$/,
    );
    expect(said("kubectl get pods -l app=ratings --show-labels --no-headers")).toMatch(
      /app=ratings,pod-template-hash=85c74b6cb4,version=v1\n$/,
    );
    expect(said("kubectl get svc --sort-by=.spec.clusterIP -o name")).toBe(
      "service/details\nservice/ratings\nservice/reviews\nservice/productpage\n",
    );
  });

  it("follows changes with -w", () => {
    const out = said(
      "timeout 3 kubectl get pods -l app=ratings -w & sleep 1; kubectl annotate pod -l app=ratings a=b > /dev/null; kubectl label pod -l app=ratings x=y >/dev/null; wait",
    );
    expect(out.split("\n").filter((line) => line.startsWith("ratings-v1"))).toHaveLength(3);
  });
});

describe("what get -o yaml prints", () => {
  it("apply takes, of every kind; a second time it is a conflict", () => {
    const out = run(
      "kubectl get no,ns,all,cm,sa,ep,endpointslices -o yaml > all.yaml; kubectl apply -f all.yaml 2>&1 | grep -v ^Warning | grep -v configured",
    );
    expect(out.stdout).toBe("");
    expect(
      said(
        "kubectl get sa sleep -o yaml > sa.yaml; kubectl label sa sleep a=b > /dev/null; kubectl apply -f sa.yaml",
      ),
    ).toMatch(
      /^Error from server \(Conflict\): error when applying patch:\n\{"metadata":\{"annotations":\{.*"resourceVersion":"\d+"\}\}\nto:\nResource: "\/v1, Resource=serviceaccounts", GroupVersionKind: "\/v1, Kind=ServiceAccount"\nName: "sleep", Namespace: "default"\nfor: "sa.yaml": Operation cannot be fulfilled on serviceaccounts "sleep": the object has been modified; please apply your changes to the latest version and try again\n$/,
    );
  });
});

describe("describe", () => {
  it("says what a pod is, and what happened to it", () => {
    const text = said(
      "kubectl delete pod -l app=details --wait=false > /dev/null; sleep 2; kubectl describe $(kubectl get pod -l app=details -o name | tail -1)",
    );
    expect(text).toMatch(/^Name: {9}details-v1-/);
    expect(text).toContain(
      "Controlled By:  ReplicaSet/details-v1-76778d6644\nContainers:\n  details:\n    Container ID:   containerd://",
    );
    expect(text).toContain(
      "Conditions:\n  Type              Status\n  Initialized       True \n  Ready             True \n",
    );
    expect(
      text
        .slice(text.indexOf("Events:"))
        .replace(/\d+s /g, "Ns ")
        .replace(/details-v1-76778d6644-\w+/, "POD"),
    ).toBe(
      `Events:
  Type    Reason     Age   From               Message
  ----    ------     ----  ----               -------
  Normal  Scheduled  Ns    default-scheduler  Successfully assigned default/POD to node-b
  Normal  Pulled     Ns    kubelet            Container image "docker.io/istio/examples-bookinfo-details-v1:1.17.0" already present on machine
  Normal  Created    Ns    kubelet            Created container details
  Normal  Started    Ns    kubelet            Started container details
`,
    );
  });

  it("says what a Service leads to", () => {
    expect(said("kubectl describe svc reviews")).toContain(
      "Port:              http  9080/TCP\nTargetPort:        9080/TCP\nEndpoints:         10.4.3.17:9080,10.4.3.18:9080,10.4.3.19:9080\nSession Affinity:  None\nEvents:            <none>\n",
    );
  });
});

describe("logs and exec", () => {
  const JOB = `apiVersion: v1
kind: Pod
metadata: {name: job, labels: {app: job}}
spec:
  restartPolicy: Never
  initContainers:
  - {name: first, image: busybox, command: [sh, -c, "echo preparing"]}
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "for i in 1 2 3; do echo $WHO $i; sleep 1; done; exit 3"]
    env: [{name: WHO, value: line}]
  - {name: side, image: busybox, command: [sleep, "2"]}
`;
  it("a container's command runs; its end is a state, its output a log", () => {
    apply(JOB);
    expect(said("kubectl logs job -c main")).toBe(
      'Error from server (BadRequest): container "main" in pod "job" is waiting to start: PodInitializing\n',
    );
    expect(said("sleep 4; kubectl logs job -c main -f")).toBe("line 1\nline 2\nline 3\n");
    expect(said("kubectl logs job --all-containers --prefix --tail 1")).toBe(
      "[pod/job/first] preparing\n[pod/job/main] line 3\n",
    );
    expect(said("kubectl logs -l app=job --since 1s")).toBe(
      'Defaulted container "main" out of: main, side, first (init)\n'.replace(/^/, ""),
    );
    expect(said("kubectl get pod job --no-headers")).toMatch(/^job +0\/2 +Error +0 /);
    expect(said("kubectl exec job -- true")).toBe(
      "error: cannot exec into a container in a completed pod; current phase is Failed\n",
    );
    expect(said("kubectl logs job -c nope; kubectl logs nope")).toBe(
      'error: container nope is not valid for pod job\nError from server (NotFound): pods "nope" not found\n',
    );
  });

  it("a program that ends is started again, later and later", () => {
    apply(pod("{containers: [{name: c, image: busybox, command: [sh, -c, 'echo once; exit 1']}]}"));
    expect(said("sleep 15; kubectl get pod p --no-headers")).toMatch(
      /^p +0\/1 +CrashLoopBackOff +[12] \(\d+s ago\) /,
    );
    expect(said("kubectl logs p -p; kubectl logs p")).toBe("once\nonce\n");
    expect(
      said(
        "kubectl get pod p -o jsonpath='{.status.containerStatuses[0].lastState.terminated.exitCode}'",
      ),
    ).toBe("1");
  });
});

describe("kinds of the cluster's own", () => {
  const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, description: How big it is.}
              mode: {type: string, enum: [A, B]}
`;
  const widget = (spec: string) =>
    `apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: ${spec}\n`;

  it("come with a definition: checked, shown, explained, gone", () => {
    expect(apply(widget("{size: 1}"))).toContain(
      'no matches for kind "Widget" in version "example.com/v1"',
    );
    expect(apply(CRD)).toBe(
      "customresourcedefinition.apiextensions.k8s.io/widgets.example.com created\n",
    );
    expect(apply(widget("{size: 0, mode: C}"))).toBe(
      'The Widget "w" is invalid: \n* spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1\n* spec.mode: Unsupported value: "C": supported values: "A", "B"\n',
    );
    expect(apply(widget("{size: 3}"))).toBe("widget.example.com/w created\n");
    expect(said("kubectl get wd")).toBe("NAME   SIZE\nw      3\n");
    expect(said("kubectl get widgets.example.com w -o jsonpath='{.metadata.generation}'")).toBe(
      "1",
    );
    expect(said("kubectl explain widget.spec.size")).toBe(
      "KIND:     Widget\nVERSION:  example.com/v1\n\nFIELD:    size <integer>\n\nDESCRIPTION:\n     How big it is.\n",
    );
    expect(said("kubectl api-resources --api-group example.com --no-headers")).toMatch(
      /^widgets +wd +example.com\/v1 +true +Widget\n$/,
    );
    expect(
      said(
        'kubectl patch wd w --type merge -p \'{"metadata":{"finalizers":["example.com/wait"]}}\'; kubectl delete wd w --timeout 1s',
      ),
    ).toBe(
      'widget.example.com/w patched\nwidget.example.com "w" deleted\nerror: timed out waiting for the condition on widgets/w\n',
    );
    run('kubectl patch wd w --type merge -p \'{"metadata":{"finalizers":null}}\'');
    expect(said("kubectl get wd")).toBe("No resources found in default namespace.\n");
    apply(widget("{size: 3}"));
    run("kubectl delete crd widgets.example.com");
    expect(said("kubectl get wd")).toBe('error: the server doesn\'t have a resource type "wd"\n');
  });
});

describe("a world file's manifests", () => {
  const withManifests = (manifests: { [field: string]: unknown }[]): World => {
    const { spec } = world;
    const cluster = { ...(spec.cluster as ClusterSpec), manifests };
    return new World({ ...spec, cluster });
  };

  it("are applied before anybody comes", () => {
    world = withManifests(parseManifests(WEB, "web.yaml"));
    expect(said("kubectl get deploy web --no-headers")).toMatch(/^web +2\/2 +2 +2 /);
    expect(said("kubectl exec deploy/sleep -- curl -s web")).toContain("Shakespeare");
    expect(said("kubectl apply -f - <<< '{}' 2>&1 | cut -c -20")).toBe("error: error validat\n");
  });

  it("that the API server refuses keep the world from starting, in its words", () => {
    const bad = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { ports: [] } };
    expect(() => withManifests([bad])).toThrow(
      'ambient-2022: The Service "s" is invalid: spec.ports: Required value',
    );
  });
});

describe("how it is called", () => {
  it.each([
    [
      "kubectl get pods -x",
      "error: unknown shorthand flag: 'x' in -x\nSee 'kubectl get --help' for usage.\n",
    ],
    [
      "kubectl get pods --colour",
      "error: unknown flag: --colour\nSee 'kubectl get --help' for usage.\n",
    ],
    [
      "kubectl get pods -n",
      "error: flag needs an argument: 'n' in -n\nSee 'kubectl get --help' for usage.\n",
    ],
    [
      "kubectl logs x --tail=a",
      'error: invalid argument "a" for "--tail" flag: strconv.ParseInt: parsing "a": invalid syntax\nSee \'kubectl logs --help\' for usage.\n',
    ],
    [
      "kubectl gte pods",
      'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n\nRun \'kubectl --help\' for usage.\n',
    ],
    ["kubectl get foo", 'error: the server doesn\'t have a resource type "foo"\n'],
    ["kubectl delete pod", "error: resource(s) were provided, but no name was specified\n"],
    [
      "kubectl delete pod x -l a=b",
      "error: name cannot be provided when a selector is specified\n",
    ],
    ["kubectl apply -f nope.yaml", 'error: the path "nope.yaml" does not exist\n'],
    [
      "kubectl get pod x svc/y",
      "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'\n",
    ],
    ["kubectl explain pod.spec.nope", 'error: field "nope" does not exist\n'],
    ["kubectl get pods -l 'a b'", "error: found 'b', expected: ',' or 'end of string'\n"],
  ])("%s", (line, words) => {
    const out = run(line);
    expect(out.stderr).toBe(words);
    expect(out.status).toBe(1);
  });
});
