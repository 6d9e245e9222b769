import { lesson } from "./english/lesson.ts";
import { ours } from "./words.ts";

/** What a lesson's panel says, in the page's language. */
export const lessonText = ours("lesson", lesson);
