import type { ILink, ILinkProvider, Terminal } from "@xterm/xterm";
import { fill } from "../../base/words.ts";
import { text } from "../text/page.ts";
import { type Found, findLinks } from "./links.ts";

/** A line as it was printed: the rows that a terminal made of it because they were too long are one. */
interface Printed {
  text: string;
  /** Where each character stands, counted from 1 as xterm's links do. */
  cells: { x: number; y: number }[];
}

function printed(screen: Terminal, row: number): Printed {
  const buffer = screen.buffer.active;
  let y = row;
  while (y > 0 && buffer.getLine(y)?.isWrapped) y--;
  const cells: Printed["cells"] = [];
  let text = "";
  do {
    const line = buffer.getLine(y);
    for (let x = 0; line && x < screen.cols; x++) {
      const cell = line.getCell(x);
      // The right half of a wide character.
      if (!cell || cell.getWidth() === 0) continue;
      const chars = cell.getChars() || " ";
      text += chars;
      for (let i = 0; i < chars.length; i++) cells.push({ x: x + 1, y: y + 1 });
    }
    y++;
  } while (buffer.getLine(y)?.isWrapped);
  return { text, cells };
}

/** Underlines addresses and marks while the pointer is on them; a click is given their filter. */
export function linkProvider(screen: Terminal, follow: (filter: string) => void): ILinkProvider {
  return {
    provideLinks(y, callback) {
      const line = printed(screen, y - 1);
      const links: ILink[] = [];
      for (const link of findLinks(line.text)) {
        const start = line.cells[link.start];
        const end = line.cells[link.end - 1];
        if (!start || !end || start.y > y || end.y < y) continue;
        const activate = (): void => {
          // Who drags over it wants to copy it.
          if (!screen.hasSelection()) follow(link.filter);
        };
        links.push({
          range: { start, end },
          text: link.text,
          activate,
          hover: () =>
            screen.element?.setAttribute(
              "title",
              fill(text.terminal.linkHint, { filter: link.filter }),
            ),
          leave: () => screen.element?.removeAttribute("title"),
        });
      }
      callback(links.length ? links : undefined);
    },
  };
}

/** What the rows that are seen link to, each filter once: for those who do not point. */
export function seenLinks(screen: Terminal): Found[] {
  const buffer = screen.buffer.active;
  const links = new Map<string, Found>();
  for (let row = buffer.viewportY; row < buffer.viewportY + screen.rows; row++) {
    if (row > buffer.viewportY && buffer.getLine(row)?.isWrapped) continue;
    for (const link of findLinks(printed(screen, row).text))
      if (!links.has(link.filter)) links.set(link.filter, link);
  }
  return [...links.values()];
}
