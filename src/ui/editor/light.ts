import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import {
  HighlightStyle,
  indentUnit,
  StreamLanguage,
  type StreamParser,
  syntaxHighlighting,
} from "@codemirror/language";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  closeHoverTooltips,
  drawSelection,
  EditorView,
  hasHoverTooltips,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Completion, FileLanguage } from "../../worker/protocol.ts";
import type { EditorOptions, EditorPort, Service } from "./port.ts";
import { IPTABLES_RULES, type Token, wordToken } from "./tokens.ts";

const TOKENS: Record<Token, string | null> = {
  comment: "comment",
  keyword: "keyword",
  type: "typeName",
  string: "string",
  number: "number",
  attribute: "attributeName",
  plain: null,
};

function iptables(words: FileLanguage["words"]): StreamParser<null> {
  return {
    name: "iptables",
    languageData: { commentTokens: { line: "#" } },
    startState: () => null,
    token(stream) {
      if (stream.eatSpace()) return null;
      for (const { pattern, first, token } of IPTABLES_RULES) {
        if (first && stream.pos > 0) continue;
        const found = stream.match(new RegExp(`^(?:${pattern.source})`)) as RegExpMatchArray | null;
        if (found) return TOKENS[token === "word" ? wordToken(found[0], words) : token];
      }
      stream.next();
      return null;
    },
  };
}

function parserOf({ name, words }: FileLanguage): StreamParser<unknown> | null {
  if (name === "iptables") return iptables(words);
  return name === "yaml" ? yaml : name === "shell" ? shell : null;
}

/** The page's colours: they follow its theme by themselves. */
const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--faint)" },
  { tag: tags.keyword, color: "var(--tunnel)" },
  { tag: [tags.typeName, tags.atom, tags.standard(tags.name)], color: "var(--accent)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: [tags.number, tags.definition(tags.variableName)], color: "var(--mark)" },
  { tag: [tags.attributeName, tags.meta], color: "var(--muted)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { background: "var(--panel)", color: "var(--faint)", border: "none" },
  ".cm-activeLine": { background: "var(--raised)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { background: "var(--accent-soft)" },
  ".cm-tooltip": {
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    background: "var(--raised)",
    color: "var(--text)",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "13em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "5px 10px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--selected)",
    color: "var(--text)",
  },
  ".cm-completionDetail": { color: "var(--faint)", fontStyle: "normal" },
  ".cm-completionMatchedText": { color: "var(--accent)", textDecoration: "none" },
  ".cm-about": {
    maxWidth: "min(560px, 90vw)",
    maxHeight: "40vh",
    overflow: "auto",
    margin: "0",
    padding: "6px 10px",
    font: "12px/1.5 var(--mono)",
    whiteSpace: "pre-wrap",
  },
  ".cm-diagnostic": { borderLeft: "3px solid var(--drop)", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--mark)" },
  ".cm-lintRange-error, .cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--drop) 1px",
    textUnderlineOffset: "3px",
  },
  ".cm-lintRange-warning": { textDecorationColor: "var(--mark)" },
});

function pre(text: string): HTMLElement {
  const element = document.createElement("pre");
  element.className = "cm-about";
  element.textContent = text;
  return element;
}

const KINDS: Record<Completion["kind"], string> = {
  keyword: "keyword",
  field: "property",
  value: "enum",
  command: "function",
  name: "variable",
};

/** What may have been typed last for the list to open by itself. */
const TRIGGERS: Partial<Record<FileLanguage["name"], RegExp>> = {
  iptables: /[\w*:,./ -]/,
  yaml: /[\w./ -]/,
  shell: /[\w$/.-]/,
};

function source(service: Service, language: FileLanguage["name"]) {
  return async ({ state, pos, explicit }: CompletionContext): Promise<CompletionResult | null> => {
    const before = state.sliceDoc(Math.max(0, pos - 1), pos);
    if (!explicit && !TRIGGERS[language]?.test(before)) return null;
    const found = await service.complete(state.doc.toString(), pos);
    if (!found?.items.length) return null;
    return {
      from: found.from,
      options: found.items.map((item, i) => ({
        label: item.label,
        detail: item.detail,
        type: KINDS[item.kind],
        boost: 99 - Math.min(i, 198),
        ...(item.about ? { info: () => pre(item.about) } : {}),
        apply(view: EditorView, _completion: unknown, from: number, to: number) {
          view.dispatch({
            changes: { from, to, insert: item.insert },
            selection: { anchor: from + item.insert.length },
          });
          if (/\s$/.test(item.insert)) startCompletion(view);
        },
      })),
      validFor: /^[\w.$/-]*$/,
    };
  };
}

function hovers(service: Service) {
  return hoverTooltip(async ({ state }, pos) => {
    const found = await service.hover(state.doc.toString(), pos);
    if (!found) return null;
    return {
      pos: found.from,
      end: found.to,
      above: true,
      create: () => ({ dom: pre(found.text) }),
    };
  });
}

/** For fingers, and for frames in other pages: a seventh of the large one's size. */
export function lightEditor(options: EditorOptions): EditorPort {
  const { language, service } = options;
  const parser = parserOf(language);
  const save = (): boolean => {
    options.onSave();
    return true;
  };
  const view = new EditorView({
    parent: options.host,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        EditorState.tabSize.of(2),
        indentUnit.of("  "),
        ...(parser ? [StreamLanguage.define(parser)] : []),
        syntaxHighlighting(colours),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": options.label,
          autocapitalize: "off",
          autocorrect: "off",
          spellcheck: "false",
        }),
        ...(language.name === "plain"
          ? []
          : [
              autocompletion({ override: [source(service, language.name)], icons: false }),
              hovers(service),
            ]),
        keymap.of([
          { key: "Mod-s", run: save },
          ...completionKeymap,
          ...lintKeymap,
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        EditorView.updateListener.of(({ docChanged, selectionSet, state }) => {
          if (docChanged) options.onChange();
          if (!docChanged && !selectionSet) return;
          const { head } = state.selection.main;
          const line = state.doc.lineAt(head);
          options.onMove(line.number, head - line.from + 1);
        }),
      ],
    }),
  });
  const offset = (line: number, column: number): number => {
    const { doc } = view.state;
    const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
    return Math.min(found.from + column - 1, found.to);
  };
  const goTo = (line: number, column: number): void =>
    view.dispatch({ selection: { anchor: offset(line, column) }, scrollIntoView: true });
  if (options.line > 1) goTo(options.line, 1);
  return {
    value: () => view.state.doc.toString(),
    focus: () => view.focus(),
    setTheme: () => {},
    show(problems) {
      const diagnostics = problems.map(
        ({ line, column, endLine, endColumn, message, severity }) => ({
          from: offset(line, column),
          to: offset(endLine, endColumn),
          message,
          severity,
        }),
      );
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    goTo(line, column) {
      goTo(line, column);
      view.focus();
    },
    dismiss() {
      if (!hasHoverTooltips(view.state)) return false;
      view.dispatch({ effects: closeHoverTooltips });
      return true;
    },
    dispose: () => view.destroy(),
  };
}
