import { beforeEach, describe, expect, it } from "vitest";
import { fromUtf8 } from "../../src/base/text.ts";
import type { Machine } from "../../src/host/machine.ts";
import { openSession } from "../../src/shell/session.ts";
import { SEC } from "../../src/sim/sim.ts";
import type { World } from "../../src/world/world.ts";
import { makeWorld, runAt } from "./kit.ts";
import * as kubectl from "./kubectl-kit.ts";
import { pod, WEB, write } from "./kubectl-kit.ts";

/** kubectl 1.24's words (kubernetes/kubectl at v0.24.5) where it changes something, and what the cluster then does. */

let world: World;
beforeEach(() => {
  world = makeWorld("ambient-2022");
});

const run = (script: string) => runAt(world, "node-a", script);
const said = (script: string): string => kubectl.said(world, script);
const apply = (text: string): string => kubectl.apply(world, text);

describe("apply", () => {
  it("takes a specification that nobody wrote for an empty one", () => {
    const bare = (kind: string, version: string): string =>
      apply(`apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: web}\n`);
    expect(bare("Deployment", "apps/v1")).toBe(
      'The Deployment "web" is invalid: \n* spec.template.spec.containers: Required value\n* spec.selector: Required value\n',
    );
    expect(bare("Pod", "v1")).toBe('The Pod "web" is invalid: spec.containers: Required value\n');
    expect(bare("Service", "v1")).toBe(
      'The Service "web" is invalid: spec.ports: Required value\n',
    );
  });

  it("makes, leaves alone, changes; the pods serve behind the Service", () => {
    expect(
      said(`${write(WEB)}kubectl apply -f web.yaml --dry-run=client; kubectl get deploy web`),
    ).toBe(
      'deployment.apps/web created (dry run)\nservice/web created (dry run)\nError from server (NotFound): deployments.apps "web" not found\n',
    );
    expect(said("kubectl apply -f web.yaml --dry-run=server")).toBe(
      "deployment.apps/web created (server dry run)\nservice/web created (server dry run)\n",
    );
    expect(said("kubectl apply -f web.yaml; kubectl apply -f web.yaml")).toBe(
      "deployment.apps/web created\nservice/web created\ndeployment.apps/web unchanged\nservice/web unchanged\n",
    );
    expect(said("kubectl rollout status deploy/web")).toMatch(
      /deployment "web" successfully rolled out\n$/,
    );
    expect(said("sleep 1; kubectl exec deploy/sleep -- curl -s web")).toContain(
      "William Shakespeare",
    );
    expect(said("sed -i 's/replicas: 2/replicas: 3/' web.yaml; kubectl apply -f web.yaml")).toBe(
      "deployment.apps/web configured\nservice/web unchanged\n",
    );
    expect(said("kubectl rollout status deploy/web; kubectl get deploy web --no-headers")).toMatch(
      /web +3\/3 +3 +3 +\d+s\n$/,
    );
  });

  it("remembers what it applied: what goes from the file goes from the object, the rest stays", () => {
    const map = (data: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: ${data}\n`;
    apply(map("{a: '1', b: '2'}"));
    run('kubectl patch cm m -p \'{"data":{"c":"3"}}\'');
    expect(apply(map("{a: '9'}"))).toBe("configmap/m configured\n");
    expect(said("kubectl get cm m -o jsonpath='{.data}'")).toBe('{"a":"9","c":"3"}');
    expect(said("kubectl get cm m -o yaml")).toContain(
      '    kubectl.kubernetes.io/last-applied-configuration: |\n      {"apiVersion":"v1","data":{"a":"9"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"m","namespace":"default"}}\n',
    );
    expect(
      said(
        "kubectl create cm other; printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: other}\\n' | kubectl apply -f -",
      ),
    ).toBe(
      "configmap/other created\nconfigmap/other configured\nWarning: resource configmaps/other is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n",
    );
  });

  const TURN_OFF =
    "; if you choose to ignore these errors, turn validation off with --validate=false\n";
  it.each([
    [
      "an unknown field",
      pod("{foo: 1, containers: []}"),
      `error: error validating "x.yaml": error validating data: ValidationError(Pod.spec): unknown field "foo" in io.k8s.api.core.v1.PodSpec${TURN_OFF}`,
    ],
    [
      "two mistakes",
      pod("{containers: [{image: a, nme: c}]}"),
      `error: error validating "x.yaml": error validating data: [ValidationError(Pod.spec.containers[0]): unknown field "nme" in io.k8s.api.core.v1.Container, ValidationError(Pod.spec.containers[0]): missing required field "name" in io.k8s.api.core.v1.Container]${TURN_OFF}`,
    ],
    [
      "another type",
      pod("{containers: {name: c}}"),
      `error: error validating "x.yaml": error validating data: ValidationError(Pod.spec.containers): invalid type for io.k8s.api.core.v1.PodSpec.containers: got "map", expected "array"${TURN_OFF}`,
    ],
    [
      "no kind",
      "apiVersion: v1\nmetadata: {name: x}\n",
      `error: error validating "x.yaml": error validating data: kind not set${TURN_OFF}`,
    ],
    [
      "a kind that is not there",
      "apiVersion: v1\nkind: Foo\nmetadata: {name: x}\n",
      'error: resource mapping not found for name: "x" namespace: "" from "x.yaml": no matches for kind "Foo" in version "v1"\nensure CRDs are installed first\n',
    ],
    [
      "a number for a label",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {version: 1}}\n",
      'Error from server (BadRequest): error when creating "x.yaml": ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string\n',
    ],
    [
      "a name that is none",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b}\n",
      "The ConfigMap \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n",
    ],
    [
      "two things that the server finds",
      pod(
        "{restartPolicy: Sometimes, containers: [{name: c, image: a, ports: [{containerPort: 70000}]}]}",
      ),
      'The Pod "p" is invalid: spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"\n',
    ],
    [
      "several at once",
      pod("{containers: [{name: c, ports: [{containerPort: 70000}]}]}"),
      'The Pod "p" is invalid: \n* spec.containers[0].image: Required value\n* spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive\n',
    ],
    [
      "a namespace that is not there",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nope}\n",
      'Error from server (NotFound): error when creating "x.yaml": namespaces "nope" not found\n',
    ],
    [
      "an account that is not there",
      pod("{serviceAccountName: nobody, containers: [{name: c, image: nginx}]}"),
      'Error from server (Forbidden): error when creating "x.yaml": pods "p" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found\n',
    ],
    [
      "a selector that is not the template's",
      WEB.replace("labels: {app: web}", "labels: {app: wob}").split("---")[0] as string,
      'The Deployment "web" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{"app":"wob"}: `selector` does not match template `labels`\n',
    ],
    [
      "an address of others",
      "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {clusterIP: 10.8.9.35, ports: [{port: 80}]}\n",
      'The Service "s" is invalid: spec.clusterIPs: Invalid value: []string{"10.8.9.35"}: failed to allocate IP 10.8.9.35: provided IP is already allocated\n',
    ],
    [
      "no YAML",
      "a: b: c\n",
      "error: error parsing x.yaml: error converting YAML to JSON: yaml: line 1: mapping values are not allowed in this context\n",
    ],
  ])("%s", (_, text, words) => {
    expect(apply(text)).toBe(words);
  });

  it("what cannot be changed is refused", () => {
    apply(WEB);
    expect(apply(WEB.replace(/app: web/g, "app: wob").split("---")[0] as string)).toBe(
      'The Deployment "web" is invalid: spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"app":"wob"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable\n',
    );
    expect(said('kubectl patch svc web -p \'{"spec":{"clusterIP":"10.8.1.1"}}\'')).toBe(
      'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: []string{"10.8.1.1"}: may not change once set\n',
    );
    expect(
      said(
        'kubectl patch $(kubectl get pod -l app=web -o name | head -1) -p \'{"spec":{"nodeName":"x"}}\' 2>&1 | cut -c -90',
      ),
    ).toMatch(/is invalid: spec: Forbidden: pod updates/);
  });
});

describe("a Deployment", () => {
  beforeEach(() => {
    apply(WEB);
    run("kubectl rollout status deploy/web");
  });
  const pods = (): string[] =>
    said("kubectl get pods -l app=web --no-headers")
      .split("\n")
      .filter((line) => line.includes("Running"));

  it("scales, and brings back who is deleted", () => {
    expect(said("kubectl scale deploy web --replicas=4")).toBe("deployment.apps/web scaled\n");
    run("kubectl rollout status deploy web");
    expect(pods()).toHaveLength(4);
    run(`kubectl delete pod ${pods()[0]?.split(" ")[0]} --wait=false; sleep 2`);
    expect(pods()).toHaveLength(4);
    expect(
      said("kubectl scale deploy web --replicas=0; sleep 1; kubectl get deploy web --no-headers"),
    ).toMatch(/web +0\/0 /);
    expect(said("kubectl scale deploy web --replicas=-1")).toContain(
      "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
    );
  });

  it("of a world file scales without a new ReplicaSet", () => {
    run("kubectl scale deploy details-v1 --replicas=2; kubectl rollout status deploy details-v1");
    expect(said("kubectl get rs --no-headers | grep details")).toMatch(
      /^details-v1-76778d6644 +2 +2 +2 .*\n$/,
    );
  });

  it("rolls a new template, remembers the old one, and goes back", () => {
    const image = "docker.io/istio/examples-bookinfo-ratings-v1:1.17.0";
    run(
      `kubectl patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"${image}"}]}}}}'; kubectl rollout status deploy web`,
    );
    expect(said("sleep 1; kubectl exec deploy/sleep -- curl -s web")).toContain("Reviewer1");
    expect(said("kubectl rollout history deploy web")).toBe(
      "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n",
    );
    expect(
      said(
        "kubectl rollout undo deploy web; kubectl rollout status deploy web > /dev/null; sleep 1; kubectl exec deploy/sleep -- curl -s web",
      ),
    ).toMatch(/^deployment.apps\/web rolled back\n.*Shakespeare/);
    expect(said("kubectl rollout history deploy web | wc -l")).toBe("5\n");
  });

  it("does not roll further than what works", () => {
    run(
      `kubectl patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nobody/has:this"}]}}}}'; sleep 15`,
    );
    expect(
      said("kubectl get pods -l app=web --no-headers")
        .replace(/web-\w+-\w+/g, "web")
        .replace(/ +/g, " ")
        .replace(/\d+s/g, "")
        .split("\n")
        .sort()
        .filter(Boolean),
    ).toEqual(["web 0/1 ImagePullBackOff 0 ", "web 1/1 Running 0 ", "web 1/1 Running 0 "]);
    expect(said("kubectl rollout status deploy web --timeout=2s")).toBe(
      'Waiting for deployment "web" rollout to finish: 1 out of 2 new replicas have been updated...\nerror: timed out waiting for the condition\n',
    );
    expect(
      said(
        "kubectl get events --field-selector reason=BackOff -o custom-columns=:.message --no-headers",
      ),
    ).toBe('Back-off pulling image "nobody/has:this"\n');
  });

  it("takes everything of its own with it", () => {
    expect(said("kubectl delete -f web.yaml 2>&1 || kubectl delete -f x.yaml")).toContain(
      'deployment.apps "web" deleted\nservice "web" deleted\n',
    );
    expect(said("sleep 2; kubectl get deploy,rs,pod,svc,ep -l app=web")).toBe(
      "No resources found in default namespace.\n",
    );
    expect(said("kubectl get endpointslices -l kubernetes.io/service-name=web")).toBe(
      "No resources found in default namespace.\n",
    );
  });

  it("lets go of a pod whose labels it does not select, and makes another", () => {
    const [name = ""] = (pods()[0] ?? "").split(" ");
    expect(
      said(
        `kubectl label pod ${name} app=debug --overwrite; sleep 2; kubectl get pod ${name} -o jsonpath='{.metadata.ownerReferences}'`,
      ),
    ).toBe(`pod/${name} labeled\n`);
    expect(pods()).toHaveLength(2);
  });
});

describe("namespaces", () => {
  it("come with their account, and go with all that is in them", () => {
    expect(said("kubectl create ns shop; sleep 0.1; kubectl -n shop get sa -o name")).toBe(
      "namespace/shop created\nserviceaccount/default\n",
    );
    expect(said("kubectl create ns shop")).toBe(
      'Error from server (AlreadyExists): namespaces "shop" already exists\n',
    );
    run(
      `${write(WEB)}kubectl -n shop apply -f web.yaml; kubectl -n shop rollout status deploy web`,
    );
    expect(
      said(
        "kubectl delete ns shop --wait=false; kubectl get ns shop --no-headers; kubectl -n shop create cm x",
      ),
    ).toMatch(
      /^namespace "shop" deleted\nshop +Terminating +\d+s\nerror: failed to create configmap: configmaps "x" is forbidden: unable to create new content in namespace shop because it is being terminated\n$/,
    );
    run("kubectl wait ns shop --for=delete --timeout=60s");
    expect(said("kubectl get ns shop")).toBe(
      'Error from server (NotFound): namespaces "shop" not found\n',
    );
    expect(said("kubectl delete ns kube-system")).toBe(
      'Error from server (Forbidden): namespaces "kube-system" is forbidden: this namespace may not be deleted\n',
    );
  });
});

describe("run, set image, replace", () => {
  it("a pod, another image, another version; a stale one is a conflict", () => {
    expect(
      said("kubectl run web --image=nginx --port 80; kubectl wait pod/web --for=condition=Ready"),
    ).toBe("pod/web created\npod/web condition met\n");
    expect(
      said(
        "kubectl get pod web -o yaml > old.yaml; kubectl set image pod/web web=nginx:1.23; kubectl set image pod/web x=y",
      ),
    ).toBe('pod/web image updated\nerror: unable to find container named "x"\n');
    expect(said("sleep 2; kubectl get pod web --no-headers")).toMatch(/^web +1\/1 +Running +1 \(/);
    expect(said("kubectl replace -f old.yaml")).toBe(
      'Error from server (Conflict): error when replacing "old.yaml": Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again\n',
    );
    expect(
      said(
        "sed -i /resourceVersion/d old.yaml; kubectl replace -f old.yaml; kubectl get pod web -o jsonpath='{.spec.containers[0].image}'",
      ),
    ).toBe("pod/web replaced\nnginx");
    expect(
      said(
        "kubectl run once --image=busybox --restart=Never -- echo hello > /dev/null; sleep 3; kubectl logs once; kubectl get pod once --no-headers",
      ),
    ).toMatch(/^hello\nonce +0\/1 +Completed /);
  });
});

describe("edit", () => {
  it("rolls nothing out when the template stays as it was", () => {
    said(
      "KUBE_EDITOR='sed -i s/progressDeadlineSeconds:.*/progressDeadlineSeconds:\\ 60/' kubectl edit deploy productpage-v1",
    );
    expect(said("sleep 1; kubectl get rs -l app=productpage -o name")).toMatch(/^\S+\n$/);
  });

  it("saves what the editor leaves, says when that is nothing new", () => {
    expect(said("KUBE_EDITOR=true kubectl edit svc reviews")).toBe(
      "Edit cancelled, no changes made.\n",
    );
    expect(said("KUBE_EDITOR='sed -i d' kubectl edit svc reviews")).toBe(
      "Edit cancelled, saved file was empty.\n",
    );
    expect(
      said(
        "KUBE_EDITOR='sed -i s/9080/8080/' kubectl edit svc reviews; kubectl get svc reviews -o jsonpath='{.spec.ports[0].port}'",
      ),
    ).toBe("service/reviews edited\n8080");
    expect(said("KUBE_EDITOR='cat' kubectl edit sa sleep | head -5")).toMatch(
      /^# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\napiVersion: v1\n/,
    );
  });

  it("opens the page's editor when nobody names another", () => {
    const machine = world.machine("node-a") as Machine;
    machine.page = true;
    const session = openSession(machine);
    const { terminal } = session;
    terminal.type("kubectl edit svc reviews\r");
    const until = world.sim.now + SEC;
    while (!machine.requests.length && world.sim.step(until));
    const [request] = machine.requests;
    const { fs } = machine;
    const text = fromUtf8(fs.readFile(request?.path ?? ""));
    expect(request?.path).toMatch(/^\/tmp\/kubectl-edit-\d+\.yaml$/);
    fs.writeFile(request?.path ?? "", text.replace("port: 9080", "port: 8080"));
    request?.close(world.sim, "saved");
    world.sim.runUntil(world.sim.now + SEC);
    expect(fromUtf8(terminal.drain())).toContain("service/reviews edited\r\n");
    expect(session.prompting).toBe(true);
  });

  it("opens the file again when the server says no", () => {
    const out = said("KUBE_EDITOR='sed -i /^#/!s/TCP/XXX/' kubectl edit svc reviews");
    expect(out).toMatch(
      /^error: services "reviews" is invalid\nA copy of your changes has been stored to "\/tmp\/kubectl-edit-\d+.yaml"\nerror: Edit cancelled, no valid changes were saved.\n$/,
    );
    expect(said("cat /tmp/kubectl-edit-*.yaml | sed -n 5,6p")).toBe(
      '# services "reviews" was not valid:\n# * spec.ports[0].protocol: Unsupported value: "XXX": supported values: "SCTP", "TCP", "UDP"\n',
    );
  });
});

describe("patch, label, annotate, wait", () => {
  it("patches in three ways", () => {
    expect(
      said(
        'kubectl patch svc reviews -p \'{"spec":{"selector":{"version":"v2"}}}\'; sleep 0.1; kubectl get ep reviews --no-headers',
      ),
    ).toMatch(/^service\/reviews patched\nreviews +10.4.3.18:9080 /);
    expect(
      said(
        'kubectl patch svc reviews --type json -p \'[{"op":"remove","path":"/spec/selector/version"}]\'',
      ),
    ).toBe("service/reviews patched\n");
    expect(
      said(
        "kubectl patch svc reviews --type merge -p 'metadata: {labels: {a: b}}'; kubectl patch svc reviews --type merge -p 'metadata: {labels: {a: b}}'",
      ),
    ).toBe("service/reviews patched\nservice/reviews patched (no change)\n");
    expect(said("kubectl patch svc reviews --type other -p '{}'")).toBe(
      'error: --type must be one of [json merge strategic], not "other"\n',
    );
  });

  it("labels and annotates in the real words", () => {
    expect(
      said(
        "kubectl label svc details a=b c=d; kubectl label svc details a=b c=d --overwrite; kubectl label svc details a- x-; kubectl label svc details c=e; kubectl label svc details c=e --overwrite",
      ),
    ).toBe(
      "service/details labeled\nservice/details not labeled\nlabel \"x\" not found.\nservice/details unlabeled\nservice/details labeled\nerror: 'c' already has a value (d), and --overwrite is false\n",
    );
    expect(
      said(
        "kubectl annotate svc details a=b; kubectl annotate svc details a=c; kubectl annotate svc details a-",
      ),
    ).toBe(
      "service/details annotated\nservice/details annotated\nerror: --overwrite is false but found the following declared annotation(s): 'a' already has a value (b)\n",
    );
    expect(said("kubectl label svc details x='a b'")).toMatch(
      /^error: invalid label value: "x=a b": a valid label must be an empty string or consist of/,
    );
  });

  it("waits", () => {
    expect(
      said(
        "kubectl wait pod -l app=details --for=condition=Ready; kubectl wait deploy/details-v1 --for=jsonpath='{.status.readyReplicas}'=1",
      ),
    ).toMatch(
      /^pod\/details-v1-76778d6644-6rd4m condition met\ndeployment.apps\/details-v1 condition met\n$/,
    );
    expect(said("kubectl wait pod -l app=details --for=condition=Ready=false --timeout=1s")).toBe(
      "error: timed out waiting for the condition on pods/details-v1-76778d6644-6rd4m\n",
    );
    expect(said("kubectl wait pod -l app=none --for=condition=Ready")).toBe(
      "error: no matching resources found\n",
    );
    expect(said("kubectl wait pod -l app=details --for=ready")).toBe(
      'error: unrecognized condition: "ready"\n',
    );
  });
});
