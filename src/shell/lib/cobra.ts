/** Cobra's "Did you mean this?": names that begin alike, or are two letters away; "" when there is none. */
export function suggestions(word: string, names: readonly string[]): string {
  const typed = word.toLowerCase();
  const near = names.filter((name) => name.startsWith(typed) || distance(typed, name) <= 2);
  return near.length ? `\n\nDid you mean this?\n${near.map((n) => `\t${n}\n`).join("")}` : "";
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] as number;
}
