import { parsePrefix } from "../../../../../wire/address.ts";
import type { Analyzer } from "../analysis.ts";
import { annotationOf } from "../annotation-table.ts";

const MISPLACED = { code: "IST0107", level: "Warning" } as const;
const UNKNOWN = { code: "IST0108", level: "Warning" } as const;
const INVALID = { code: "IST0125", level: "Warning" } as const;
const DEPRECATED = { code: "IST0135", level: "Info" } as const;

const INJECT = "sidecar.istio.io/inject";
/** Others set them: istiod, its controllers. */
const IGNORED = ["sidecar.istio.io/status", "gateway.istio.io/controller-version", "istio.io/rev"];

type Check = (value: string) => string | null;

/** strconv.ParseUint's error; null when it is a number of so many bits. */
function notUint(value: string, bits: number): string | null {
  if (!/^\d+$/.test(value))
    return `strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;
  if (Number(value) < 2 ** bits) return null;
  return `strconv.ParseUint: parsing ${JSON.stringify(value)}: value out of range`;
}

function portError(text: string): string | null {
  const wrong = notUint(text.trim(), 16);
  return wrong && `failed parsing port '${text}': ${wrong}`;
}

function ports(name: string, wildcard: boolean): Check {
  return (value) => {
    if (wildcard && value === "*") return null;
    const list = value.trim() ? value.trim().split(",") : [];
    for (const port of list) {
      const wrong = portError(port);
      if (wrong) return `${name} invalid: failed parsing port '${port}': ${wrong}`;
    }
    return null;
  };
}

function ranges(name: string, wildcard: boolean): Check {
  return (value) => {
    if (!value || (wildcard && value === "*")) return null;
    for (const cidr of value.split(","))
      if (!cidr.includes("/") || (!cidr.includes(":") && !parsePrefix(cidr)))
        return `${name} invalid: failed parsing cidr '${cidr}': netip.ParsePrefix(${JSON.stringify(cidr)}): ${cidr.includes("/") ? "prefix length out of range" : "no '/'"}`;
    return null;
  };
}

const uint32: Check = (value) => notUint(value, 32);

/** istio: pkg/kube/inject/validate.go, of those that are numbers and lists of them. */
const CHECKS: Readonly<Record<string, Check>> = {
  "sidecar.istio.io/interceptionMode": (mode) =>
    ["REDIRECT", "TPROXY", "NONE"].includes(mode)
      ? null
      : `interceptionMode invalid, use REDIRECT,TPROXY,NONE: ${mode}`,
  "status.sidecar.istio.io/port": (value) => {
    const wrong = portError(value);
    return wrong && `excludeInboundPorts invalid: ${wrong}`;
  },
  "readiness.status.sidecar.istio.io/initialDelaySeconds": uint32,
  "readiness.status.sidecar.istio.io/periodSeconds": uint32,
  "readiness.status.sidecar.istio.io/failureThreshold": uint32,
  "traffic.sidecar.istio.io/includeOutboundIPRanges": ranges("includeIPRanges", true),
  "traffic.sidecar.istio.io/excludeOutboundIPRanges": ranges("excludeIPRanges", false),
  "traffic.sidecar.istio.io/includeInboundPorts": ports("includeInboundPorts", true),
  "traffic.sidecar.istio.io/excludeInboundPorts": ports("excludeInboundPorts", false),
  "traffic.sidecar.istio.io/excludeOutboundPorts": ports("excludeOutboundPorts", false),
  "prometheus.istio.io/merge-metrics": (value) =>
    /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value)
      ? null
      : `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
};

function isIstios(name: string): boolean {
  return name === "kubernetes.io/ingress.class" || (name.split("/")[0] ?? "").endsWith("istio.io");
}

/** istio: analyzers/annotations/annotations.go */
export const annotations: Analyzer = {
  name: "annotations.K8sAnalyzer",
  description: "Checks for misplaced and invalid Istio annotations in Kubernetes resources",
  inputs: ["Namespace", "Service", "Pod", "Deployment"],
  analyze(analysis) {
    for (const kind of this.inputs)
      for (const resource of analysis.list(kind)) {
        const { annotations: all = {}, labels = {} } = resource.object.metadata;
        for (const [name, value] of Object.entries(all)) {
          if (!isIstios(name) || IGNORED.includes(name)) continue;
          const known = annotationOf(name);
          if (!known) {
            analysis.report(UNKNOWN, resource, `Unknown annotation: ${name}`);
            continue;
          }
          // Whoever has the label of the same name knows it.
          if (known.deprecated && !(name === INJECT && INJECT in labels)) {
            const extra = name === INJECT ? ` in favor of the "sidecar.istio.io/inject" label` : "";
            analysis.report(
              DEPRECATED,
              resource,
              `Annotation ${JSON.stringify(name)} has been deprecated${extra} and may not work in future Istio versions.`,
            );
          }
          if (known.kinds.includes("Any")) continue;
          const wrong = CHECKS[name]?.(value) ?? null;
          if (!known.kinds.includes(kind))
            analysis.report(
              MISPLACED,
              resource,
              `Misplaced annotation: ${name} can only be applied to ${known.kinds.join(", ")}`,
            );
          else if (wrong)
            analysis.report(INVALID, resource, `Invalid annotation ${name}: ${wrong}`);
        }
      }
  },
  examples: [
    {
      objects: `
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: default
  annotations:
    ambient.istio.io/redirection: enabled
    sidecar.istio.io/inject: "false"
    sidecar.istio.io/sidekick: "yes"
    traffic.sidecar.istio.io/excludeOutboundPorts: 80,http
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default, annotations: {ambient.istio.io/redirection: disabled}}
`,
      says: [
        "Warning [IST0107] (Deployment default/web) Misplaced annotation: ambient.istio.io/redirection can only be applied to Pod",
        "Warning [IST0108] (Pod default/web) Unknown annotation: sidecar.istio.io/sidekick",
        `Warning [IST0125] (Pod default/web) Invalid annotation traffic.sidecar.istio.io/excludeOutboundPorts: excludeOutboundPorts invalid: failed parsing port 'http': failed parsing port 'http': strconv.ParseUint: parsing "http": invalid syntax`,
        `Info [IST0135] (Pod default/web) Annotation "sidecar.istio.io/inject" has been deprecated in favor of the "sidecar.istio.io/inject" label and may not work in future Istio versions.`,
      ],
    },
  ],
};
