import "monaco-editor/features/bracketMatching/register";
import "monaco-editor/features/clipboard/register";
import "monaco-editor/features/comment/register";
import "monaco-editor/features/cursorUndo/register";
import "monaco-editor/features/find/register";
import "monaco-editor/features/indentation/register";
import "monaco-editor/features/linesOperations/register";
import "monaco-editor/features/multicursor/register";
import "monaco-editor/features/wordOperations/register";
import "monaco-editor/languages/definitions/shell/register";
import "monaco-editor/languages/definitions/yaml/register";
import * as monaco from "monaco-editor/editor";
import EditorWorker from "monaco-editor/editor/editor.worker?worker";
import { type EditorOptions, type EditorPort, languageOf } from "./port.ts";

/** The page's colours, in Monaco's words. */
function defineThemes(): void {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  for (const [name, base] of [
    ["hopscope-dark", "vs-dark"],
    ["hopscope-light", "vs"],
  ] as const)
    if (name.endsWith(document.documentElement.dataset.theme ?? "dark"))
      monaco.editor.defineTheme(name, {
        base,
        inherit: true,
        rules: [],
        colors: {
          "editor.background": colour("--panel"),
          "editor.lineHighlightBackground": colour("--raised"),
          "editorLineNumber.foreground": colour("--faint"),
        },
      });
}

/** Loaded by the first `edit`, never before. */
export function monacoEditor(options: EditorOptions): EditorPort {
  self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
  defineThemes();
  const style = getComputedStyle(document.documentElement);
  const editor = monaco.editor.create(options.host, {
    value: options.text,
    language: languageOf(options.path, options.text),
    theme: `hopscope-${options.theme}`,
    ariaLabel: options.label,
    automaticLayout: true,
    fontFamily: style.getPropertyValue("--mono"),
    fontSize: 13,
    minimap: { enabled: false },
    padding: { top: 8 },
    scrollBeyondLastLine: false,
    renderLineHighlight: "line",
    overviewRulerLanes: 0,
    contextmenu: false,
  });
  editor.onDidChangeModelContent(options.onChange);
  editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, options.onSave);
  if (options.line > 1) {
    editor.setPosition({ lineNumber: options.line, column: 1 });
    editor.revealLineInCenter(options.line);
  }
  return {
    value: () => editor.getValue(),
    focus: () => editor.focus(),
    setTheme: (theme) => {
      defineThemes();
      monaco.editor.setTheme(`hopscope-${theme}`);
    },
    dispose: () => {
      editor.getModel()?.dispose();
      editor.dispose();
    },
  };
}
