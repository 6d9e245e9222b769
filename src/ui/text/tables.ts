import { tables } from "./english/tables.ts";
import { ours } from "./words.ts";

/** What the tables of a namespace say, in the page's language. */
export const tablesText = ours("tables", tables);
