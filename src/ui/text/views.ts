import { views } from "./english/views.ts";
import { ours } from "./words.ts";

/** What the map, the journeys and the inspector say, in the page's language. */
export const viewsText = ours("views", views);
