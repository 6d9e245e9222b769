import { equal } from "../../base/json.ts";
import type { DaemonSet, Deployment, ReplicaSet } from "../api/apps.ts";
import type { LabelSelector } from "../api/meta.ts";
import type { FieldError } from "../kind.ts";
import { matchesSelector } from "../objects.ts";
import { labelErrors } from "../server/names.ts";
import { podSpecErrors } from "./pod-validate.ts";

/** map[string]string{"app":"sleep"}: a map as Go prints it. */
function goMap(map: Record<string, string> | undefined): string {
  if (!map) return "map[string]string(nil)";
  const fields = Object.keys(map)
    .sort()
    .map((key) => `"${key}":"${map[key]}"`);
  return `map[string]string{${fields.join(", ")}}`;
}

function goSelector({ matchLabels, matchExpressions }: LabelSelector): string {
  const expressions = matchExpressions?.map(
    ({ key, operator, values }) =>
      `v1.LabelSelectorRequirement{Key:"${key}", Operator:"${operator}", Values:[]string${values ? `{${values.map((v) => `"${v}"`).join(", ")}}` : "(nil)"}}`,
  );
  const list = expressions ? `{${expressions.join(", ")}}` : "(nil)";
  return `v1.LabelSelector{MatchLabels:${goMap(matchLabels)}, MatchExpressions:[]v1.LabelSelectorRequirement${list}}`;
}

/** What is wrong with something that makes pods (kubernetes: pkg/apis/apps/validation). */
export function workloadErrors(
  object: Deployment | ReplicaSet | DaemonSet,
  old: Deployment | ReplicaSet | DaemonSet | null,
): FieldError[] {
  const errors: FieldError[] = [];
  const add = (field: string, message: string): number => errors.push({ field, message });
  const { spec } = object;
  const { selector, template } = spec;
  if ("replicas" in spec && spec.replicas < 0)
    add("spec.replicas", `Invalid value: ${spec.replicas}: must be greater than or equal to 0`);
  const empty = !selector.matchLabels && !selector.matchExpressions?.length;
  if (empty)
    add(
      "spec.selector",
      `Invalid value: ${goSelector(selector)}: empty selector is invalid for ${object.kind.toLowerCase()}`,
    );
  const labels = template.metadata?.labels;
  if (!empty && !matchesSelector(selector, labels))
    add(
      "spec.template.metadata.labels",
      `Invalid value: ${goMap(labels)}: \`selector\` does not match template \`labels\``,
    );
  errors.push(...labelErrors("spec.template.labels", labels));
  errors.push(...podSpecErrors(template.spec, "spec.template.spec"));
  const { restartPolicy } = template.spec;
  if (restartPolicy && restartPolicy !== "Always")
    add(
      "spec.template.spec.restartPolicy",
      `Unsupported value: "${restartPolicy}": supported values: "Always"`,
    );
  if (object.kind === "Deployment" && "strategy" in spec) {
    const { type, rollingUpdate } = spec.strategy;
    if (type === "Recreate" && rollingUpdate)
      add(
        "spec.strategy.rollingUpdate",
        "Forbidden: may not be specified when strategy `type` is 'Recreate'",
      );
    if (rollingUpdate && isZero(rollingUpdate.maxSurge) && isZero(rollingUpdate.maxUnavailable))
      add(
        "spec.strategy.rollingUpdate.maxUnavailable",
        `Invalid value: intstr.IntOrString{Type:0, IntVal:0, StrVal:""}: may not be 0 when \`maxSurge\` is 0`,
      );
  }
  if (old && !equal(old.spec.selector, selector))
    add("spec.selector", `Invalid value: ${goSelector(selector)}: field is immutable`);
  return errors;
}

function isZero(value: number | string): boolean {
  return value === 0 || value === "0%";
}
