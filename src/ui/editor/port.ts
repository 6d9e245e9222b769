import type { Completions, FileLanguage, Hover, Problem } from "../../worker/protocol.ts";

/** What the page needs of an editor, so that more than one can do the work. */
export interface EditorPort {
  value(): string;
  focus(): void;
  setTheme(theme: "dark" | "light"): void;
  /** Underline what is wrong. */
  show(problems: readonly Problem[]): void;
  /** To the place, with the focus. */
  goTo(line: number, column: number): void;
  /** Close what has opened over the text; false: nothing has. */
  dismiss(): boolean;
  dispose(): void;
}

/** Who knows the language. Offsets count UTF-16 units, in the text that goes with them. */
export interface Service {
  complete(text: string, offset: number): Promise<Completions | null>;
  hover(text: string, offset: number): Promise<Hover | null>;
}

export interface EditorOptions {
  host: HTMLElement;
  text: string;
  language: FileLanguage;
  service: Service;
  line: number;
  theme: "dark" | "light";
  label: string;
  onChange: () => void;
  onSave: () => void;
  onMove: (line: number, column: number) => void;
}

/** The last resort: for when no other can be had. */
export function plainEditor(options: EditorOptions): EditorPort {
  const area = document.createElement("textarea");
  area.value = options.text;
  area.spellcheck = false;
  area.autocapitalize = "off";
  area.setAttribute("aria-label", options.label);
  area.className = "plain-editor";
  area.addEventListener("input", options.onChange);
  options.host.append(area);
  return {
    value: () => area.value,
    focus: () => area.focus(),
    setTheme: () => {},
    show: () => {},
    goTo(line, column) {
      const before = area.value.split("\n").slice(0, line - 1);
      const at = before.join("\n").length + (before.length ? 1 : 0) + column - 1;
      area.focus();
      area.setSelectionRange(at, at);
    },
    dismiss: () => false,
    dispose: () => area.remove(),
  };
}
