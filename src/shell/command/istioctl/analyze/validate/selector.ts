import { list, type Selector, type TargetRef } from "../security.ts";

export interface Findings {
  errors: string[];
  warnings: string[];
}

/** istio: pkg/config/validation/validation.go, validateWorkloadSelector */
export function selectorFindings(selector: Selector | undefined): Findings {
  if (!selector) return { errors: [], warnings: [] };
  const labels = Object.entries(selector.matchLabels ?? {});
  const errors = labels.flatMap(([key, value]) => [
    ...(key === ""
      ? [`empty key is not supported in selector: ${JSON.stringify(`=${value}`)}`]
      : []),
    ...(`${key}${value}`.includes("*")
      ? [`wildcard is not supported in selector: ${JSON.stringify(`${key}=${value}`)}`]
      : []),
  ]);
  return { errors, warnings: labels.length ? [] : ["workload selector specified without labels"] };
}

const TARGETS = [
  "core/v1/Service",
  "networking.istio.io/v1/ServiceEntry",
  "gateway.networking.k8s.io/v1/Gateway",
  "gateway.networking.k8s.io/v1/GatewayClass",
];

/** istio: validatePolicyTargetReference */
function targetErrors({ group = "", kind = "", name, namespace }: TargetRef): string[] {
  const allowed = TARGETS.some((target) => {
    const [ofGroup, , ofKind] = target.split("/");
    return ofGroup === (group || "core") && ofKind === kind;
  });
  return [
    ...(name ? [] : ["targetRef name must be set"]),
    ...(namespace
      ? ["targetRef namespace must not be set; cross namespace referencing is not supported"]
      : []),
    ...(allowed
      ? []
      : [`targetRef must be to one of [${TARGETS.join(" ")}] but was ${group}/${kind}`]),
  ];
}

/** A selector, one target, or several: only one of the three (istio: validateOneOfSelectorType). */
export function attachmentFindings(spec: {
  selector?: Selector;
  targetRef?: TargetRef;
  targetRefs?: TargetRef[];
}): Findings {
  const { selector, targetRef, targetRefs } = spec;
  const refs = list(targetRefs);
  const ways = [selector, targetRef, refs.length || undefined].filter((way) => way !== undefined);
  const { errors, warnings } = selectorFindings(selector);
  return {
    errors: [
      ...(ways.length > 1 ? ["only one of targetRefs or workloadSelector can be set"] : []),
      ...errors,
      ...[...(targetRef ? [targetRef] : []), ...refs].flatMap(targetErrors),
    ],
    warnings,
  };
}
