/** A stretch where the files differ: [from, to) in each. */
export interface Change {
  a: number;
  aEnd: number;
  b: number;
  bEnd: number;
}

/** Myers' O(ND) differences, as stretches. */
export function changes(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const n = endA - start;
  const m = endB - start;
  const keep: [number, number][] = [];
  if (n > 0 && m > 0) {
    const trail: Map<number, number>[] = [];
    let v = new Map<number, number>([[1, 0]]);
    search: for (let d = 0; d <= n + m; d++) {
      trail.push(new Map(v));
      for (let k = -d; k <= d; k += 2) {
        const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
        let x = down ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
        let y = x - k;
        while (x < n && y < m && a[start + x] === b[start + y]) {
          x++;
          y++;
        }
        v.set(k, x);
        if (x >= n && y >= m) break search;
      }
    }
    let x = n;
    let y = m;
    for (let d = trail.length - 1; d >= 0; d--) {
      v = trail[d] as Map<number, number>;
      const k = x - y;
      const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
      const before = down ? k + 1 : k - 1;
      const px = v.get(before) ?? 0;
      const py = px - before;
      while (x > px && y > py && x > 0 && y > 0) {
        x--;
        y--;
        keep.push([start + x, start + y]);
      }
      if (d === 0) break;
      x = px;
      y = py;
    }
  }
  keep.reverse();
  keep.push([endA, endB]);
  const out: Change[] = [];
  let i = start;
  let j = start;
  for (const [x, y] of keep) {
    if (x > i || y > j) out.push({ a: i, aEnd: x, b: j, bEnd: y });
    i = x + 1;
    j = y + 1;
  }
  return out;
}

export const NO_NEWLINE = "\\ No newline at end of file\n";

/** Stretches with lines around them, as `diff -u` has them; `ends`: a file ends without a newline. */
export function unified(
  a: string[],
  b: string[],
  list: Change[],
  context: number,
  ends: [boolean, boolean],
): string {
  let out = "";
  for (let i = 0; i < list.length; ) {
    let last = i;
    while (
      last + 1 < list.length &&
      (list[last + 1] as Change).a - (list[last] as Change).aEnd <= context * 2
    )
      last++;
    const first = list[i] as Change;
    const end = list[last] as Change;
    const fromA = Math.max(0, first.a - context);
    const toA = Math.min(a.length, end.aEnd + context);
    const fromB = Math.max(0, first.b - (first.a - fromA));
    const toB = Math.min(b.length, end.bEnd + (toA - end.aEnd));
    const head = (from: number, to: number) =>
      to - from === 1 ? String(from + 1) : `${to > from ? from + 1 : from},${to - from}`;
    out += `@@ -${head(fromA, toA)} +${head(fromB, toB)} @@\n`;
    let x = fromA;
    const line = (mark: string, text: string, atEnd: boolean) => {
      out += `${mark}${text}\n${atEnd ? NO_NEWLINE : ""}`;
    };
    for (const change of list.slice(i, last + 1)) {
      for (; x < change.a; x++) line(" ", a[x] as string, false);
      for (; x < change.aEnd; x++) line("-", a[x] as string, x === a.length - 1 && ends[0]);
      for (let y = change.b; y < change.bEnd; y++)
        line("+", b[y] as string, y === b.length - 1 && ends[1]);
    }
    for (; x < toA; x++) line(" ", a[x] as string, x === a.length - 1 && ends[0]);
    i = last + 1;
  }
  return out;
}

/** What differs between two texts, as `diff -u` prints it below its heading; "" when nothing does. */
export function unifiedDiff(a: string, b: string, context = 3): string {
  const lines = (text: string): string[] =>
    text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const [one, two] = [lines(a), lines(b)];
  const ends: [boolean, boolean] = [a !== "" && !a.endsWith("\n"), b !== "" && !b.endsWith("\n")];
  return unified(one, two, changes(one, two), context, ends);
}
