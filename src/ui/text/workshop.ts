import { workshop } from "./english/workshop.ts";
import { ours } from "./words.ts";

/** What the workshop's page says, in the page's language. */
export const workshopText = ours("workshop", workshop);
