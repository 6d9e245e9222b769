import { page } from "./english/page.ts";
import { ours } from "./words.ts";

/** What the page says that is there from the beginning, in its language. */
export const text = ours("page", page);
