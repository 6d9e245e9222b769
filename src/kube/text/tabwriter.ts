/**
 * Columns as Go's text/tabwriter makes them: cells end in tabs, and a column is as wide as the widest
 * cell of the neighbouring lines that have it. What stands after a line's last tab is in no column.
 */
export function tabwriter(text: string, padding: number): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const out: string[] = [];
  const widths: number[] = [];
  const print = (from: number, to: number): void => {
    for (const cells of lines.slice(from, to))
      out.push(
        cells
          .map((cell, i) => (i < cells.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell))
          .join(""),
      );
  };
  const format = (from: number, to: number): void => {
    const column = widths.length;
    let start = from;
    for (let at = from; at < to; at++) {
      if (column >= (lines[at] as string[]).length - 1) continue;
      print(start, at);
      start = at;
      let width = 0;
      for (; at < to; at++) {
        const cells = lines[at] as string[];
        if (column >= cells.length - 1) break;
        width = Math.max(width, (cells[column] as string).length + padding);
      }
      widths.push(width);
      format(start, at);
      widths.pop();
      start = at;
      at--;
    }
    print(start, to);
  };
  format(0, lines.length);
  return out.join("\n");
}
