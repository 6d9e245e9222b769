/** JSON as Go's encoding/json writes it: keys in order, what HTML could trip over escaped. */

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, field]) => [key, sorted(field)]));
}

function escaped(text: string): string {
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** On one line. */
export function toJson(value: unknown): string {
  return escaped(JSON.stringify(sorted(value)) ?? "null");
}

/** `kubectl get -o json`: four spaces, with its last newline. */
export function toPrettyJson(value: unknown): string {
  return `${escaped(JSON.stringify(sorted(value), null, 4) ?? "null")}\n`;
}
