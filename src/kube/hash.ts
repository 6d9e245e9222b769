import type { PodTemplate } from "./api/pod.ts";

const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${key}:${canonical(field)}`)
    .join()}}`;
}

/**
 * The hash in the names of ReplicaSets (kubernetes: pkg/controller, ComputeHash): 32 bits of FNV-1a,
 * in letters that spell nothing. Over our own text of the template, so the letters differ from a real one's.
 */
export function templateHash(template: PodTemplate, collision = 0): string {
  const text = canonical(template) + (collision ? String(collision) : "");
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return [...String(h >>> 0)].map((c) => ALPHABET[c.charCodeAt(0) % ALPHABET.length]).join("");
}
