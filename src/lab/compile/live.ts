import { existsSync, readdirSync, readFileSync, statSync, watch } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, sep } from "node:path";
import type { LessonNews } from "../../lesson/spec.ts";
import { CompileError, problemText } from "./problem.ts";
import { lessonIn } from "./sentences.ts";

/** Where the page hears of lessons that were saved (server-sent events). */
export const LIVE = "/live/lessons";
/** An editor writes a file in several steps: only what has come to rest is read, ms. */
const REST = 80;

type Next = () => void;

/**
 * While `npm start` serves the built page: a lesson that is saved is compiled and sent to every page that
 * is open, where it is shown at the same step; what is wrong with it, too.
 */
export class LiveLessons {
  dir: string;
  /** index.html of the built page. */
  page: string;
  /** Pages that are open, each with its language. */
  listeners = new Map<ServerResponse, string>();
  resting = new Map<string, NodeJS.Timeout>();

  constructor(dir: string, page: string) {
    this.dir = dir;
    this.page = page;
    watch(dir, { recursive: true }, (_event, name) => {
      const [slug = "", file] = String(name ?? "").split(sep);
      if (file !== "lesson.md" && !file?.endsWith(".po")) return;
      clearTimeout(this.resting.get(slug));
      this.resting.set(
        slug,
        setTimeout(() => this.tell(slug), REST),
      );
    }).unref();
  }

  newsOf(slug: string, language: string): LessonNews {
    const file = `lessons/${slug}/lesson.md`;
    try {
      return { slug, spec: lessonIn(this.dir, slug, language), problems: [] };
    } catch (error) {
      const problems =
        error instanceof CompileError
          ? error.problems.map(problemText)
          : [`${file}: ${error instanceof Error ? error.message : String(error)}`];
      return { slug, spec: null, problems };
    }
  }

  tell(slug: string): void {
    for (const [listener, language] of this.listeners)
      listener.write(`data: ${JSON.stringify(this.newsOf(slug, language))}\n\n`);
  }

  /** Lessons that are newer than the built page. */
  newer(): string[] {
    const built = statSync(this.page).mtimeMs;
    return readdirSync(this.dir).filter((slug) => {
      const file = join(this.dir, slug, "lesson.md");
      return existsSync(file) && statSync(file).mtimeMs > built;
    });
  }

  handle(request: IncomingMessage, response: ServerResponse, next: Next): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/" || pathname === "/index.html") {
      const meta = `<meta name="hopscope-live" content="${LIVE}">`;
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(readFileSync(this.page, "utf8").replace("<head>", `<head>${meta}`));
    } else if (pathname === LIVE) {
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
      });
      response.write(": lessons\n\n");
      const language = searchParams.get("lang") ?? "en";
      for (const slug of this.newer())
        response.write(`data: ${JSON.stringify(this.newsOf(slug, language))}\n\n`);
      this.listeners.set(response, language);
      response.on("close", () => this.listeners.delete(response));
    } else next();
  }
}
