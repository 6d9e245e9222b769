import { palette } from "./english/palette.ts";
import { ours } from "./words.ts";

/** What the palette, the list of keys and the question "what if" say, in the page's language. */
export const paletteText = ours("palette", palette);
