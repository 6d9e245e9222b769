import { notes } from "./english/notes.ts";
import { ours } from "./words.ts";

/** One sentence for each field, in the page's language. */
export const notesText = ours("notes", notes);
