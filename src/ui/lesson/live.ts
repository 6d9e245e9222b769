import type { LessonNews, LessonSpec } from "../../lesson/spec.ts";
import type { App } from "../state/app.svelte.ts";
import { language } from "../text/language.ts";

async function take(app: App, slug: string, spec: LessonSpec): Promise<void> {
  await app.lessons.revise(spec);
  // The address asks for one that the built page did not know.
  const wanted = new URLSearchParams(location.search).get("lesson");
  if (wanted === slug && app.lessons.spec?.slug !== slug) await app.openLesson(slug);
}

/** Take lessons as their author saves them: the page is served by `npm start`, which tells of them. */
export function followLessons(app: App, address: string): void {
  const source = new EventSource(`${address}?lang=${language}`);
  source.onmessage = ({ data }: MessageEvent<string>) => {
    const { slug, spec, problems } = JSON.parse(data) as LessonNews;
    app.live.machine.notice = problems[0] ?? "";
    if (spec) void take(app, slug, spec);
  };
}
