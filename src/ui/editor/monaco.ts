import "monaco-editor/features/bracketMatching/register";
import "monaco-editor/features/clipboard/register";
import "monaco-editor/features/comment/register";
import "monaco-editor/features/cursorUndo/register";
import "monaco-editor/features/find/register";
import "monaco-editor/features/gotoError/register";
import "monaco-editor/features/hover/register";
import "monaco-editor/features/indentation/register";
import "monaco-editor/features/linesOperations/register";
import "monaco-editor/features/multicursor/register";
import "monaco-editor/editor/contrib/suggest/browser/suggestController";
import "monaco-editor/features/codicon/register";
import "monaco-editor/features/wordOperations/register";
import "monaco-editor/languages/definitions/shell/register";
import "monaco-editor/languages/definitions/yaml/register";
import * as monaco from "monaco-editor/editor";
import EditorWorker from "monaco-editor/editor/editor.worker?worker";
import type { Completion, FileLanguage } from "../../worker/protocol.ts";
import type { EditorOptions, EditorPort, Service } from "./port.ts";
import { IPTABLES_RULES, type Token, wordToken } from "./tokens.ts";

/** The page's colours, in Monaco's words. */
function defineThemes(): void {
  const style = getComputedStyle(document.documentElement);
  // "#fff", as the minifier has it, Monaco does not take for every colour.
  const colour = (name: string): string =>
    style
      .getPropertyValue(name)
      .trim()
      .replace(/^#(\w)(\w)(\w)$/, "#$1$1$2$2$3$3");
  const bare = (name: string): string => colour(name).slice(1);
  for (const [name, base] of [
    ["hopscope-dark", "vs-dark"],
    ["hopscope-light", "vs"],
  ] as const)
    if (name.endsWith(document.documentElement.dataset.theme ?? "dark"))
      monaco.editor.defineTheme(name, {
        base,
        inherit: true,
        rules: [
          { token: "comment", foreground: bare("--faint") },
          { token: "keyword", foreground: bare("--tunnel") },
          { token: "type", foreground: bare("--accent") },
          { token: "string", foreground: bare("--good") },
          { token: "number", foreground: bare("--mark") },
          { token: "attribute.name", foreground: bare("--muted") },
          { token: "variable", foreground: bare("--mark") },
          { token: "string.yaml", foreground: bare("--text") },
        ],
        colors: {
          "editor.background": colour("--panel"),
          "editor.foreground": colour("--text"),
          "editor.lineHighlightBackground": colour("--raised"),
          "editorLineNumber.foreground": colour("--faint"),
          "editorLineNumber.dimmedForeground": colour("--faint"),
          "editorLineNumber.activeForeground": colour("--text"),
          "editorError.foreground": colour("--drop"),
          "editorWarning.foreground": colour("--mark"),
          "editorWidget.background": colour("--raised"),
          "editorWidget.border": colour("--line-strong"),
          "editorHoverWidget.background": colour("--raised"),
          "editorHoverWidget.border": colour("--line-strong"),
          "editorSuggestWidget.background": colour("--raised"),
          "editorSuggestWidget.border": colour("--line-strong"),
          "editorSuggestWidget.selectedBackground": colour("--selected"),
          "editorSuggestWidget.selectedForeground": colour("--text"),
          "editorSuggestWidget.highlightForeground": colour("--accent"),
          "editorSuggestWidget.focusHighlightForeground": colour("--accent"),
        },
      });
}

/** What hides by Escape only when it has the focus. */
interface HoverController extends monaco.editor.IEditorContribution {
  isHoverVisible: boolean;
  hideContentHover(): void;
}

/** Who answers for a file that is open. */
const services = new Map<string, Service>();
const known = new Set<string>();

/** What makes the list of completions open by itself, besides letters. */
const TRIGGERS: Record<string, string[]> = {
  iptables: [" ", "-", ",", "*", ":"],
  yaml: [" ", "-"],
  shell: ["$", "/", "-"],
};

const TOKENS: Record<Token, string> = {
  comment: "comment",
  keyword: "keyword",
  type: "type",
  string: "string",
  number: "number",
  attribute: "attribute.name",
  plain: "",
};

const KINDS: Record<Completion["kind"], monaco.languages.CompletionItemKind> = {
  keyword: monaco.languages.CompletionItemKind.Keyword,
  field: monaco.languages.CompletionItemKind.Field,
  value: monaco.languages.CompletionItemKind.Value,
  command: monaco.languages.CompletionItemKind.Function,
  name: monaco.languages.CompletionItemKind.Variable,
};

/** The same rules as the light editor's, as a Monarch grammar. */
function iptablesGrammar(words: FileLanguage["words"]): monaco.languages.IMonarchLanguage {
  const cases: Record<string, string> = {};
  for (const word of new Set(Object.values(words).flat()))
    cases[word] = TOKENS[wordToken(word, words)];
  return {
    tokenizer: {
      root: IPTABLES_RULES.map(({ pattern, first, token }) => [
        first ? new RegExp(`^${pattern.source}`) : pattern,
        token === "word" ? { cases: { ...cases, "@default": "" } } : TOKENS[token],
      ]),
    },
  };
}

/** Make a language known, and the engine as the one that knows it; once. */
function register({ name, words }: FileLanguage): void {
  if (known.has(name) || name === "plain") return;
  known.add(name);
  if (name === "iptables") {
    monaco.languages.register({ id: name });
    monaco.languages.setLanguageConfiguration(name, { comments: { lineComment: "#" } });
    monaco.languages.setMonarchTokensProvider(name, iptablesGrammar(words));
  }
  const about = (text: string): monaco.IMarkdownString => ({
    value: `\`\`\`text\n${text}\n\`\`\``,
  });
  monaco.languages.registerCompletionItemProvider(name, {
    triggerCharacters: TRIGGERS[name] ?? [],
    async provideCompletionItems(model, position) {
      const service = services.get(model.uri.toString());
      const found = await service?.complete(model.getValue(), model.getOffsetAt(position));
      if (!found || model.isDisposed()) return { suggestions: [] };
      const range = monaco.Range.fromPositions(model.getPositionAt(found.from), position);
      return {
        suggestions: found.items.map((item, i) => ({
          label: { label: item.label, description: item.detail },
          insertText: item.insert,
          insertTextRules: monaco.languages.CompletionItemInsertTextRule.KeepWhitespace,
          kind: KINDS[item.kind],
          ...(item.about ? { documentation: about(item.about) } : {}),
          sortText: String(i).padStart(5, "0"),
          range,
          ...(/\s$/.test(item.insert)
            ? { command: { id: "editor.action.triggerSuggest", title: "" } }
            : {}),
        })),
      };
    },
  });
  monaco.languages.registerHoverProvider(name, {
    async provideHover(model, position) {
      const service = services.get(model.uri.toString());
      const found = await service?.hover(model.getValue(), model.getOffsetAt(position));
      if (!found || model.isDisposed()) return null;
      const [from, to] = [model.getPositionAt(found.from), model.getPositionAt(found.to)];
      return { range: monaco.Range.fromPositions(from, to), contents: [about(found.text)] };
    },
  });
}

/** Loaded by the first `edit`, never before. */
export function monacoEditor(options: EditorOptions): EditorPort {
  self.MonacoEnvironment = { getWorker: () => new EditorWorker() };
  defineThemes();
  register(options.language);
  const style = getComputedStyle(document.documentElement);
  const { name } = options.language;
  const model = monaco.editor.createModel(options.text, name === "plain" ? "plaintext" : name);
  model.setEOL(monaco.editor.EndOfLineSequence.LF);
  const uri = model.uri.toString();
  services.set(uri, options.service);
  const editor = monaco.editor.create(options.host, {
    model,
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
    tabSize: 2,
    fixedOverflowWidgets: true,
    wordBasedSuggestions: "off",
    quickSuggestions: { other: true, strings: true, comments: false },
    acceptSuggestionOnEnter: "smart",
    suggest: { showStatusBar: false, preview: false },
    hover: { delay: 250 },
  });
  editor.onDidChangeModelContent(options.onChange);
  editor.onDidChangeCursorPosition(({ position }) =>
    options.onMove(position.lineNumber, position.column),
  );
  editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, options.onSave);
  const goTo = (lineNumber: number, column: number): void => {
    editor.setPosition({ lineNumber, column });
    editor.revealLineInCenterIfOutsideViewport(lineNumber);
  };
  if (options.line > 1) goTo(options.line, 1);
  return {
    value: () => editor.getValue(),
    focus: () => editor.focus(),
    setTheme: (theme) => {
      defineThemes();
      monaco.editor.setTheme(`hopscope-${theme}`);
    },
    show(problems) {
      monaco.editor.setModelMarkers(
        model,
        "hopscope",
        problems.map(({ line, column, endLine, endColumn, message, severity, source }) => ({
          startLineNumber: line,
          startColumn: column,
          endLineNumber: endLine,
          endColumn,
          message,
          severity:
            severity === "error" ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
          source,
        })),
      );
    },
    goTo(line, column) {
      goTo(line, column);
      editor.focus();
    },
    dismiss() {
      const hover = editor.getContribution<HoverController>("editor.contrib.contentHover");
      if (!hover?.isHoverVisible) return false;
      hover.hideContentHover();
      return true;
    },
    dispose: () => {
      services.delete(uri);
      editor.dispose();
      model.dispose();
    },
  };
}
