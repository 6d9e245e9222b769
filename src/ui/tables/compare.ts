import type { StateRow, StateSection } from "../../worker/protocol.ts";

/** What is different about a row: it was not there before, it is gone, it was counted in. */
export type Change = "" | "new" | "gone" | "counted";

export interface ComparedRow extends StateRow {
  change: Change;
}

export interface Compared {
  title: string;
  command: string;
  rows: ComparedRow[];
}

/**
 * Two looks at the same tables. "fresh": what there is now, and what of it was not there at the last
 * look (nothing is new at the first). "then": what there was at a past moment, what of it is gone now, and
 * what there is now that was not there.
 */
export function compare(
  now: readonly StateSection[],
  other: readonly StateSection[],
  mode: "fresh" | "then",
): Compared[] {
  const titles = new Set([...now, ...(mode === "then" ? other : [])].map(({ title }) => title));
  return [...titles].map((title) => {
    const mine = now.find((section) => section.title === title);
    const theirs = other.find((section) => section.title === title);
    const { command } = (mine ?? theirs) as StateSection;
    if (mode === "then")
      return { title, command, rows: merged(theirs?.rows ?? [], mine?.rows ?? []) };
    const before = new Map(theirs?.rows.map((row) => [row.key, row]));
    const rows = (mine?.rows ?? []).map((row) => {
      const old = before.get(row.key);
      const change: Change = !theirs
        ? ""
        : !old
          ? "new"
          : old.packets !== row.packets
            ? "counted"
            : "";
      return { ...row, change };
    });
    return { title, command, rows };
  });
}

/** What there was, in its order, with what has come since at the place where it stands now. */
function merged(then: readonly StateRow[], now: readonly StateRow[]): ComparedRow[] {
  const left = counts(now);
  const rows: ComparedRow[] = then.map((row) => {
    const again = left.get(row.key) ?? 0;
    if (again) left.set(row.key, again - 1);
    return { ...row, change: again ? "" : "gone" };
  });
  const known = counts(then);
  let after = -1;
  for (const row of now) {
    const was = known.get(row.key) ?? 0;
    if (was) {
      known.set(row.key, was - 1);
      after = rows.findIndex((one, i) => i > after && one.key === row.key);
      continue;
    }
    rows.splice(++after, 0, { ...row, change: "new" });
  }
  return rows;
}

function counts(rows: readonly StateRow[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { key } of rows) found.set(key, (found.get(key) ?? 0) + 1);
  return found;
}
