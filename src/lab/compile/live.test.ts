import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LessonNews } from "../../lesson/spec.ts";
import { LIVE, LiveLessons } from "./live.ts";

const SLUG = "tables-and-chains";
const from = join(import.meta.dirname, "../../../lessons", SLUG);

/** What a page hears, event by event. */
class Page {
  stop = new AbortController();
  events: { event: string; data: string }[] = [];

  async open(address: string): Promise<void> {
    const response = await fetch(address + LIVE, { signal: this.stop.signal });
    void this.read(response).catch(() => {});
  }

  async read(response: Response): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(part, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = /^event: (.*)$/m.exec(text.slice(0, end))?.[1] ?? "message";
        const data = /^data:(.*)$/m.exec(text.slice(0, end))?.[1];
        if (data !== undefined) this.events.push({ event, data });
        text = text.slice(end + 2);
      }
    }
  }

  get news(): LessonNews[] {
    return this.events.flatMap(({ event, data }) =>
      event === "message" ? [JSON.parse(data) as LessonNews] : [],
    );
  }
}

describe("lessons that are saved while a page listens", () => {
  let root = "";
  let file = "";
  let text = "";
  let server: Server;
  let live: LiveLessons;
  let page: Page;
  const title = (name: string): string => text.replace(/^title: .*$/m, `title: ${name}`);
  /** As `sed -i` and many editors save: another file takes its name. */
  const replace = (path: string, content: string): void => {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  };
  const heard = (name: string): Promise<void> =>
    expect.poll(() => page.news.at(-1)?.spec?.title, { timeout: 5000 }).toBe(name);

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "hopscope-live-"));
    mkdirSync(join(root, "lessons"));
    cpSync(from, join(root, "lessons", SLUG), { recursive: true });
    file = join(root, "lessons", SLUG, "lesson.md");
    text = readFileSync(file, "utf8");
    const html = join(root, "index.html");
    writeFileSync(html, "<head></head>");
    const before = new Date(Date.now() - 60_000);
    utimesSync(file, before, before);
    live = new LiveLessons(join(root, "lessons"), html);
    server = createServer((request, response) =>
      live.handle(request, response, () => response.end()),
    );
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    page = new Page();
  });
  afterEach(() => {
    page.stop.abort();
    server.closeAllConnections();
    server.close();
    rmSync(root, { recursive: true });
  });
  const open = (): Promise<void> =>
    page.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  it("are heard of each time, however the editor saves", async () => {
    await open();
    replace(file, title("Once"));
    await heard("Once");
    replace(file, title("Twice"));
    await heard("Twice");
    writeFileSync(file, title("In place"));
    await heard("In place");
    rmSync(join(root, "lessons", SLUG), { recursive: true });
    mkdirSync(join(root, "lessons", SLUG));
    replace(file, title("In a new folder"));
    await heard("In a new folder");
    expect(page.news.map(({ problems }) => problems)).toEqual([[], [], [], []]);
  });

  it("are heard of by their translations, too", async () => {
    await open();
    replace(join(root, "lessons", SLUG, "xx.po"), 'msgid ""\nmsgstr ""\n');
    await heard(/^title: (.*)$/m.exec(text)?.[1] ?? "");
  });

  it("are told first where they are newer than the page, and then that this was all", async () => {
    const later = new Date(Date.now() + 60_000);
    utimesSync(file, later, later);
    await open();
    await expect.poll(() => page.events.length, { timeout: 5000 }).toBe(2);
    expect(page.news.map(({ slug }) => slug)).toEqual([SLUG]);
    expect(page.events.at(-1)?.event).toBe("ready");
  });

  it("are not looked at when nobody listens", async () => {
    await open();
    await expect.poll(() => live.timer !== null).toBe(true);
    page.stop.abort();
    await expect.poll(() => live.timer).toBe(null);
  });
});
