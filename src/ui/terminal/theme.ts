import type { ITheme } from "@xterm/xterm";

/** The sixteen colours, readable on the panel's colour of each theme. */
const DARK: ITheme = {
  black: "#384150",
  red: "#ff7b72",
  green: "#5ccb8b",
  yellow: "#e6b450",
  blue: "#6cb2ff",
  magenta: "#c9a6ff",
  cyan: "#56d4dd",
  white: "#c9d1dc",
  brightBlack: "#7f8999",
  brightRed: "#ffa198",
  brightGreen: "#7ee2a8",
  brightYellow: "#f2cc78",
  brightBlue: "#94caff",
  brightMagenta: "#dcc4ff",
  brightCyan: "#8be6ec",
  brightWhite: "#f3f6fa",
};

const LIGHT: ITheme = {
  black: "#1b2028",
  red: "#b3261e",
  green: "#14703e",
  yellow: "#7d5300",
  blue: "#0a58a8",
  magenta: "#6b3fc9",
  cyan: "#0b6b75",
  white: "#5b6573",
  brightBlack: "#4f5967",
  brightRed: "#c7362d",
  brightGreen: "#1b8049",
  brightYellow: "#8f6100",
  brightBlue: "#1669bd",
  brightMagenta: "#7d54d6",
  brightCyan: "#107c88",
  brightWhite: "#1b2028",
};

/** The terminal's colours, from those that the page has now. */
export function terminalTheme(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const sixteen = style.colorScheme === "light" ? LIGHT : DARK;
  return {
    ...sixteen,
    background: colour("--panel"),
    foreground: colour("--text"),
    cursor: colour("--accent"),
    cursorAccent: colour("--panel"),
    selectionBackground: colour("--accent-soft"),
  };
}
