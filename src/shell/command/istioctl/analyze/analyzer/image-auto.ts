import type { Deployment } from "../../../../../kube/api/apps.ts";
import type { Pod, PodSpec } from "../../../../../kube/api/pod.ts";
import type { Analyzer } from "../analysis.ts";

const WARNING = { code: "IST0146", level: "Warning" } as const;
const ERROR = { code: "IST0147", level: "Error" } as const;

function hasAutoImage(spec: PodSpec | undefined): boolean {
  return (spec?.containers ?? []).some(
    ({ name, image }) => name === "istio-proxy" && image === "auto",
  );
}

function text(kind: string, name: string): string {
  return `${kind} ${name} contains \`image: auto\` but does not match any Istio injection webhook selectors.`;
}

/** istio: analyzers/injection/image-auto.go. Here are no webhooks that could match. */
export const imageAuto: Analyzer = {
  name: "injection.ImageAutoAnalyzer",
  description: "Makes sure that Pods and Deployments with `image: auto` are going to be injected",
  inputs: ["Namespace", "Pod", "Deployment"],
  analyze(analysis) {
    for (const resource of analysis.list<Pod>("Pod"))
      if (hasAutoImage(resource.object.spec))
        analysis.report(ERROR, resource, text("Pod", resource.object.metadata.name));
    for (const resource of analysis.list<Deployment>("Deployment"))
      if (hasAutoImage(resource.object.spec?.template?.spec))
        analysis.report(WARNING, resource, text("Deployment", resource.object.metadata.name));
  },
  examples: [
    {
      objects: `
apiVersion: v1
kind: Pod
metadata: {name: gateway, namespace: default}
spec: {containers: [{name: istio-proxy, image: auto}]}
`,
      says: [
        "Error [IST0147] (Pod default/gateway) Pod gateway contains `image: auto` but does not match any Istio injection webhook selectors.",
      ],
    },
  ],
};
