import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { newLesson } from "../lesson-new.ts";
import { Library } from "./library.ts";
import { content } from "./plugin.ts";

const repository = join(import.meta.dirname, "../../..");
const root = mkdtempSync(join(tmpdir(), "hopscope-built-"));
const lessons = join(root, "lessons");
mkdirSync(join(lessons, "worlds"), { recursive: true });
cpSync(join(repository, "lessons/worlds/router.yaml"), join(lessons, "worlds/router.yaml"));
for (const slug of ["broken", "good", "told"]) newLesson(root, slug);
const file = join(lessons, "broken/lesson.md");
const line = readFileSync(file, "utf8").split("\n").indexOf("minutes: 5") + 1;
writeFileSync(file, readFileSync(file, "utf8").replace("minutes: 5", "minuts: 5\nminutes: 5"));
writeFileSync(join(lessons, "told/de.po"), 'msgctxt "title"\nmsgid "Told\nmsgstr ""\n');
writeFileSync(join(root, "index.html"), "<head>");

const LESSON = `lessons/broken/lesson.md:${line}: minuts: unknown field`;
const TRANSLATION = "lessons/told/de.po:2: expected one text between two quotes";

afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

/** The plugin as a build has it that finds these lessons. */
interface Built {
  configResolved(config: object): void;
  load(id: string): string;
  configurePreviewServer(server: object): void;
}

function plugin(lenient: boolean): Built {
  const library = new Library(lessons, join(repository, "translations"), lenient);
  return content(library) as unknown as Built;
}

const build = { command: "build", isWorker: false };

describe("a build in which a lesson is broken", () => {
  it("fails with the lines of what is wrong, and nothing else", () => {
    const made = plugin(false);
    let shown = "";
    try {
      made.configResolved(build);
    } catch (error) {
      shown = inspect(error);
    }
    const lines = shown.split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(LESSON);
    expect(lines[1]).toContain(TRANSLATION);
  });

  it("is made without it while one writes: the terminal says so, and every page that opens", () => {
    const made = plugin(true);
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    made.configResolved(build);
    expect(said.mock.calls.join("\n")).toContain(`${LESSON} (left out)`);
    expect(said.mock.calls.join("\n")).toContain(TRANSLATION);
    const list = made.load("\0virtual:lessons");
    expect(list).toContain('"slug":"good"');
    expect(list).toContain('"slug":"told"');
    expect(list).not.toContain("broken");
    expect(made.load("\0virtual:language/de")).not.toContain("virtual:lesson/");

    const handlers: ((request: object, response: object, next: () => void) => void)[] = [];
    made.configurePreviewServer({
      config: { root, build: { outDir: "." } },
      middlewares: { use: (one: (typeof handlers)[number]) => handlers.push(one) },
    });
    const told: string[] = [];
    const closing = vi.fn<(event: string, close: () => void) => void>();
    const response = { writeHead() {}, write: (text: string) => told.push(text), on: closing };
    handlers[0]?.({ url: "/live/lessons?lang=de" }, response, () => {});
    closing.mock.calls[0]?.[1]();
    // What is said last is what the page shows.
    expect(told.at(-1)).toContain(`"problems":["${LESSON}"]`);
    expect(told.at(-2)).toContain(TRANSLATION);
  });

  it("is one that asks for a world that is not there, too", () => {
    const good = join(lessons, "good/lesson.md");
    const whole = readFileSync(good, "utf8");
    writeFileSync(good, whole.replace("world: router", "world: routr"));
    const made = plugin(false);
    expect(() => made.configResolved(build)).toThrow(
      'lessons/good/lesson.md:4: world: there is no world "routr"; there are: router',
    );
    writeFileSync(good, whole);
  });
});
