import type { KubeObject } from "../api/meta.ts";
import { DescribeWriter } from "./writer.ts";

const ACRONYMS = ["API", "URL", "UID", "OSB", "GUID"];

/** "podCIDR" → "Pod CIDR" (kubectl/pkg/describe, smartLabelFor). */
function label(field: string): string {
  if (/[^A-Za-z-]/.test(field)) return field;
  return (field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-+/g) ?? [field])
    .map((part) =>
      ACRONYMS.includes(part.toUpperCase())
        ? part.toUpperCase()
        : part.charAt(0).toUpperCase() + part.slice(1),
    )
    .join(" ");
}

const SKIPPED = [
  ".metadata.name",
  ".metadata.namespace",
  ".metadata.labels",
  ".metadata.annotations",
];

function content(w: DescribeWriter, level: number, object: object, path: string): void {
  for (const key of Object.keys(object).sort()) {
    const value = (object as Record<string, unknown>)[key];
    const at = `${path}.${key}`;
    if (SKIPPED.includes(at) || value === undefined) continue;
    if (Array.isArray(value)) {
      w.write(level, `${label(key)}:`);
      for (const item of value)
        if (typeof item === "object" && item !== null) content(w, level + 1, item, at);
        else w.write(level + 1, String(item));
    } else if (typeof value === "object" && value !== null) {
      w.write(level, `${label(key)}:`);
      content(w, level + 1, value, at);
    } else w.write(level, `${label(key)}:\t${value === null ? "<nil>" : value}`);
  }
}

/** What `describe` says of kinds that it knows nothing about. */
export function describeAny(object: KubeObject): string {
  const w = new DescribeWriter();
  w.head(object);
  w.labels("Labels", object.metadata.labels);
  w.annotations("Annotations", object.metadata.annotations);
  content(w, 0, object, "");
  return w.text;
}
