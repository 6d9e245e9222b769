/** What the page needs of an editor, so that more than one can do the work. */
export interface EditorPort {
  value(): string;
  focus(): void;
  setTheme(theme: "dark" | "light"): void;
  dispose(): void;
}

export interface EditorOptions {
  host: HTMLElement;
  text: string;
  path: string;
  line: number;
  theme: "dark" | "light";
  label: string;
  onChange: () => void;
  onSave: () => void;
}

/** The language of a file, from its name; plain text else. */
export function languageOf(path: string, text: string): string {
  if (/\.ya?ml$/.test(path)) return "yaml";
  if (/\.(sh|bash)$|(^|\/)\.(bashrc|profile)$/.test(path) || /^#!.*sh\b/.test(text)) return "shell";
  return "plaintext";
}

/** The plain editor: for touch, and for when the large one cannot be had. */
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
    dispose: () => area.remove(),
  };
}
