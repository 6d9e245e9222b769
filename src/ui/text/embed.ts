import { embed } from "./english/embed.ts";
import { ours } from "./words.ts";

/** What a frame says, in its language. */
export const embedText = ours("embed", embed);
