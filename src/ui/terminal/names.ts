/** What tells pods of one app apart: "v2" of reviews-v2-…, else the last part of the name. */
export function shortName(name: string, label: string): string {
  const rest = name.startsWith(`${label}-`) ? name.slice(label.length + 1).split("-") : [];
  const first = rest[0] ?? "";
  return /^v\d+$/.test(first) ? first : (name.split("-").pop() ?? name);
}
