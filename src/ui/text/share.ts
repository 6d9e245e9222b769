import { share } from "./english/share.ts";
import { ours } from "./words.ts";

/** What the dialog for passing on a link says, in the page's language. */
export const shareText = ours("share", share);
