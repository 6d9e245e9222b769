import type { KubeObject, LabelSelector } from "../api/meta.ts";
import type { PodTemplate } from "../api/pod.ts";
import { since } from "../duration.ts";
import type { Column } from "../kind.ts";

export const nameColumn: Column<KubeObject> = { name: "NAME", cell: (o) => o.metadata.name };

export const ageColumn: Column<KubeObject> = {
  name: "AGE",
  cell: (o, view) => since(o.metadata.creationTimestamp, view.now),
};

/** "app=sleep,version in (v1,v2)" (metav1.FormatLabelSelector). */
export function selectorText(selector: LabelSelector | undefined): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([k, v]) => `${k}=${v}`);
  parts.sort();
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    if (operator === "Exists") parts.push(key);
    else if (operator === "DoesNotExist") parts.push(`!${key}`);
    else
      parts.push(`${key} ${operator === "In" ? "in" : "notin"} (${[...values].sort().join(",")})`);
  }
  return parts.join(",") || "<none>";
}

/** "a=b,c=d" in the order of the keys; "<none>" for none. */
export function labelsText(labels: Record<string, string> | undefined): string {
  const list = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return list.length ? list.sort().join(",") : "<none>";
}

type Templated = KubeObject & { spec: { template: PodTemplate; selector: LabelSelector } };

/** What workloads show with `-o wide`. */
export const templateColumns: readonly Column<Templated>[] = [
  {
    name: "CONTAINERS",
    wide: true,
    cell: (o) => o.spec.template.spec.containers.map((c) => c.name).join(","),
  },
  {
    name: "IMAGES",
    wide: true,
    cell: (o) => o.spec.template.spec.containers.map((c) => c.image).join(","),
  },
  { name: "SELECTOR", wide: true, cell: (o) => selectorText(o.spec.selector) },
];

/** The first few, and how many more there are. */
export function firstFew(list: readonly string[]): string {
  const more = list.length > 3 ? ` + ${list.length - 3} more...` : "";
  return list.slice(0, 3).join(",") + more;
}
