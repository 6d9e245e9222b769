const ESC = "\x1b";

/** What the keys of the bar send, as xterm sends them; names are those of text.terminal.keys. */
export const BAR = [
  { name: "escape", shown: "Esc", data: ESC },
  { name: "tab", shown: "Tab", data: "\t" },
  { name: "left", shown: "←", data: `${ESC}[D` },
  { name: "down", shown: "↓", data: `${ESC}[B` },
  { name: "up", shown: "↑", data: `${ESC}[A` },
  { name: "right", shown: "→", data: `${ESC}[C` },
  { name: "pipe", shown: "|", data: "|" },
  { name: "slash", shown: "/", data: "/" },
  { name: "hyphen", shown: "-", data: "-" },
  { name: "tilde", shown: "~", data: "~" },
] as const;

/** An arrow as a program wants it that has asked for application cursor keys (DECCKM). */
export function applicationCursor(data: string): string {
  return arrow(data) ? `${ESC}O${data.at(-1)}` : data;
}

function arrow(data: string): boolean {
  return data.length === 3 && data.startsWith(ESC) && /^[[O][A-D]$/.test(data.slice(1));
}

/** What a key sends while Ctrl is down; what Ctrl does not change is sent as it is. */
export function control(data: string): string {
  if (arrow(data)) return `${ESC}[1;5${data.at(-1)}`;
  if (data === " ") return "\0";
  if (data === "?") return "\x7f";
  if (data === "/") return "\x1f";
  // "@" to "~": the letters, and what ASCII puts beside them.
  if (/^[@-~]$/.test(data)) return String.fromCharCode(data.charCodeAt(0) & 0x1f);
  return data;
}

export type Shortcut = "search" | "split" | "leave";

/** A key that is the page's and not the shell's. */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.type !== "keydown" || event.altKey || event.metaKey) return null;
  if (event.key === "F6") return "leave";
  if (!event.ctrlKey || !event.shiftKey) return null;
  const key = event.key.toLowerCase();
  return key === "f" ? "search" : key === "e" ? "split" : null;
}
