import { editor } from "./english/editor.ts";
import { ours } from "./words.ts";

/** What the editor says, in the page's language. */
export const editorText = ours("editor", editor);
