import type { LessonNews } from "../../lesson/spec.ts";
import type { App } from "../state/app.svelte.ts";
import { language } from "../text/language.ts";

/** `opens`: a lesson for which the address asks and which the page did not know until now is opened. */
async function take(app: App, { slug, spec, problems }: LessonNews, opens: boolean): Promise<void> {
  app.live.machine.notice = problems[0] ?? "";
  if (!spec) return;
  // A lesson that is just being opened is revised when it is open.
  await app.opened;
  const isKnown = app.lessons.list.some((one) => one.slug === slug);
  await app.lessons.revise(spec);
  const wanted = new URLSearchParams(location.search);
  if (!opens || isKnown || wanted.get("lesson") !== slug) return;
  await app.openLesson(slug, Number(wanted.get("step") ?? Number.NaN) - 1);
}

/**
 * Take lessons as their author saves them: the page is served by `npm start`, which tells of them. Done
 * when those that are newer than the page have been taken, or cannot be had.
 */
export function followLessons(app: App, address: string): Promise<void> {
  const source = new EventSource(`${address}?lang=${language}`);
  let last = Promise.resolve();
  let isReady = false;
  source.onmessage = ({ data }: MessageEvent<string>) => {
    const news = JSON.parse(data) as LessonNews;
    last = last.then(() => take(app, news, isReady)).catch(() => {});
  };
  return new Promise((resolve) => {
    const ready = (): void => {
      // Until then the page opens what its address asks for by itself.
      isReady = true;
      resolve();
    };
    source.addEventListener("ready", () => void last.then(ready));
    source.onerror = ready;
  });
}
