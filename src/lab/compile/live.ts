import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { LessonNews } from "../../lesson/spec.ts";
import { CompileError, problemText } from "./problem.ts";
import { lessonIn } from "./sentences.ts";

/** Where the page hears of lessons that were saved (server-sent events). */
export const LIVE = "/live/lessons";
/** What follows when a page has been told of all that is newer than it. */
const READY = "ready";
/** Files are looked at this often while a page listens, ms. */
const LOOK = 250;

type Next = () => void;

/**
 * While `npm start` serves the built page: a lesson that is saved is compiled and sent to every page that
 * is open, where it is shown at the same step; what is wrong with it, too.
 *
 * Files are looked at, for watching loses some: on Linux, Node 20's recursive `fs.watch` is deaf to a file
 * once another was renamed to it, which is how many editors save.
 */
export class LiveLessons {
  dir: string;
  /** index.html of the built page. */
  page: string;
  /** Pages that are open, each with its language. */
  listeners = new Map<ServerResponse, string>();
  /** How each lesson's files were at the last look, and when they were last told. */
  seen = new Map<string, string>();
  told = new Map<string, string>();
  /** Runs while a page listens. */
  timer: NodeJS.Timeout | null = null;

  constructor(dir: string, page: string) {
    this.dir = dir;
    this.page = page;
  }

  /** A lesson's text and its translations; none where there is no text, as in the midst of a save. */
  filesOf(slug: string): string[] {
    const folder = join(this.dir, slug);
    if (!existsSync(join(folder, "lesson.md"))) return [];
    const names = readdirSync(folder).filter((name) => name.endsWith(".po"));
    return ["lesson.md", ...names].map((name) => join(folder, name));
  }

  /** Each lesson's files, as text that is another when one of them is. */
  look(): Map<string, string> {
    const found = new Map<string, string>();
    for (const slug of readdirSync(this.dir)) {
      const files = this.filesOf(slug).map((file) => {
        const stat = statSync(file, { throwIfNoEntry: false });
        return `${file} ${stat?.ino} ${stat?.size} ${stat?.mtimeMs} ${stat?.ctimeMs}`;
      });
      if (files.length) found.set(slug, files.join("\n"));
    }
    return found;
  }

  /** Tell of lessons that have changed and come to rest: an editor writes a file in several steps. */
  tellChanged(): void {
    let now: Map<string, string>;
    try {
      now = this.look();
    } catch {
      // A folder went away while it was read: the next look will tell.
      return;
    }
    for (const [slug, files] of now) {
      if (this.told.get(slug) === files || this.seen.get(slug) !== files) continue;
      this.told.set(slug, files);
      this.tell(slug);
    }
    this.seen = now;
  }

  listen(response: ServerResponse, language: string): void {
    if (!this.timer) {
      this.told = this.look();
      this.timer = setInterval(() => this.tellChanged(), LOOK);
    }
    this.listeners.set(response, language);
    response.on("close", () => {
      this.listeners.delete(response);
      if (this.listeners.size || !this.timer) return;
      clearInterval(this.timer);
      this.timer = null;
    });
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
    return readdirSync(this.dir).filter((slug) =>
      this.filesOf(slug).some((file) => statSync(file).mtimeMs > built),
    );
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
      this.listen(response, language);
      for (const slug of this.newer())
        response.write(`data: ${JSON.stringify(this.newsOf(slug, language))}\n\n`);
      response.write(`event: ${READY}\ndata:\n\n`);
    } else next();
  }
}
