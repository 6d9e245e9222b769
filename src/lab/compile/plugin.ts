import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Plugin } from "vite";
import type { LessonSpec } from "../../lesson/spec.ts";
import type { WorldSpec } from "../../world/spec.ts";
import { compileLesson } from "./lesson.ts";
import { LiveLessons } from "./live.ts";
import { CompileError, type Problem, problemText } from "./problem.ts";
import { languagesOf, lessonIn, pageSentences, translationOf } from "./sentences.ts";
import { compileWorld } from "./world.ts";

/** The lessons of the repository, or those of another folder, which the variable names. */
const lessons = resolve(
  process.env.HOPSCOPE_LESSONS ?? join(import.meta.dirname, "../../../lessons"),
);
/** What the page says in other languages. */
const translations = join(import.meta.dirname, "../../../translations");
const WORLD = "virtual:world/";
const LESSON = "virtual:lesson/";

/** Names of the worlds in lessons/worlds. */
export function worldNames(dir = join(lessons, "worlds")): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => basename(name, ".yaml"))
    .sort();
}

/** Slugs of the folders in lessons/ that hold a lesson. */
function slugs(): string[] {
  return readdirSync(lessons)
    .filter((name) => existsSync(join(lessons, name, "lesson.md")))
    .sort();
}

function world(name: string): WorldSpec {
  const file = `lessons/worlds/${name}.yaml`;
  return compileWorld(file, name, readFileSync(join(lessons, "worlds", `${name}.yaml`), "utf8"));
}

function lesson(slug: string): LessonSpec {
  return compileLesson(
    `lessons/${slug}/lesson.md`,
    slug,
    readFileSync(join(lessons, slug, "lesson.md"), "utf8"),
  );
}

/** `npm start` builds the page though a lesson is broken: without it, and the page says what is wrong. */
const lenient = process.env.HOPSCOPE_BROKEN === "left out";

/** What is wrong with something that does not compile. */
function problemsOf(compile: () => unknown): Problem[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (error instanceof CompileError) return error.problems;
    throw error;
  }
}

/** What is wrong with a lesson, or with its translation into `tag`. */
function lessonProblems(slug: string, tag?: string): Problem[] {
  return problemsOf(() => (tag ? lessonIn(lessons, slug, tag) : lesson(slug)));
}

/** What is wrong with each lesson that there is and each of its translations; nothing: it compiles. */
function allLessonProblems(): { slug: string; problems: Problem[] }[] {
  return slugs().map((slug) => {
    const own = lessonProblems(slug);
    const tags = own.length ? [] : languagesOf(join(lessons, slug));
    return { slug, problems: [...own, ...tags.flatMap((tag) => lessonProblems(slug, tag))] };
  });
}

/** Before anything is built: the lines of what is broken and nothing of the bundler's. Throws CompileError. */
function examine(): void {
  const worlds = worldNames().flatMap((name) => problemsOf(() => world(name)));
  const page = worlds.length ? [] : pageSentences(worldNames().map(world));
  const words = languagesOf(translations).flatMap((tag) =>
    problemsOf(() => translationOf(translations, "translations", tag, page)),
  );
  const broken = allLessonProblems().flatMap(({ problems }) => problems);
  if (!lenient) words.push(...broken);
  else for (const problem of broken) console.error(`${problemText(problem)} (left out)`);
  const problems = [...worlds, ...words];
  if (problems.length) throw new CompileError(problems);
}

/** Lessons that are built: all, or those that compile. */
function built(): LessonSpec[] {
  const all = slugs();
  return (lenient ? all.filter((slug) => lessonProblems(slug).length === 0) : all).map(lesson);
}

/** Tells every page that opens of what is broken, too: the page may have been built without it. */
class Live extends LiveLessons {
  override newer(): string[] {
    const broken = allLessonProblems().filter(({ problems }) => problems.length > 0);
    // The page shows what it heard last: nothing that compiles may come after what does not.
    const [translated, own] = [false, true].map((whole) =>
      broken.map(({ slug }) => slug).filter((slug) => lessonProblems(slug).length > 0 === whole),
    );
    const last = [...(translated ?? []), ...(own ?? [])];
    return [...super.newer().filter((slug) => !last.includes(slug)), ...last];
  }
}

/** The languages of the page: those that it, or a lesson, is translated into. */
function tags(): string[] {
  const all = [translations, ...slugs().map((slug) => join(lessons, slug))].flatMap(languagesOf);
  return [...new Set(all)].sort();
}

const LANGUAGE = "virtual:language/";

/** Every word in one language, but the lessons', each of which is a part of its own. */
function languageModule(tag: string): string {
  const about = pageSentences(worldNames().map(world));
  const words = { ...translationOf(translations, "translations", tag, about).dictionary() };
  const translated = built()
    .map(({ slug }) => slug)
    .filter((slug) => languagesOf(join(lessons, slug)).includes(tag))
    .filter((slug) => !lenient || lessonProblems(slug, tag).length === 0);
  for (const slug of translated) {
    const { title, summary } = lessonIn(lessons, slug, tag);
    words[`lessons.${slug}.title`] = title;
    words[`lessons.${slug}.summary`] = summary;
  }
  const load = translated.map(
    (slug) =>
      `${JSON.stringify(slug)}: () => import(${JSON.stringify(`${LESSON}${slug}/${tag}`)}).then((m) => m.default)`,
  );
  return `export const words = ${JSON.stringify(words)};\nexport const lessons = {${load.join(", ")}};`;
}

/** The world that the page opens when nobody says: it comes with the worker, not after it. */
const FIRST = "ambient-2022";

/** A module whose default export is this list; each entry loads the rest of itself on demand. */
function listModule(entries: { about: object; module: string }[]): string {
  const first = entries.find(({ module }) => module === WORLD + FIRST);
  const rows = entries.map((entry) => {
    const load =
      entry === first
        ? "async () => first"
        : `() => import(${JSON.stringify(entry.module)}).then((m) => m.default)`;
    return `{ ...${JSON.stringify(entry.about)}, load: ${load} }`;
  });
  const head = first ? `import first from ${JSON.stringify(first.module)};\n` : "";
  return `${head}export default [${rows.join(",\n")}];`;
}

/**
 * Worlds and lessons as modules, compiled: `virtual:world/NAME`, `virtual:lesson/SLUG`, and their
 * lists `virtual:worlds`, `virtual:lessons`. In another language: `virtual:language/TAG`,
 * `virtual:lesson/SLUG/TAG`, and the list `virtual:languages`. No YAML and no Markdown parser reaches the
 * page, and no language but the one that is read.
 */
export function content(): Plugin {
  return {
    name: "hopscope-content",
    configResolved({ command, isWorker }) {
      if (command === "build" && !isWorker) examine();
    },
    configurePreviewServer(server) {
      const page = resolve(server.config.root, server.config.build.outDir, "index.html");
      const live = new Live(lessons, page);
      server.middlewares.use((request, response, next) => live.handle(request, response, next));
    },
    resolveId: (id) =>
      id === "virtual:worlds" ||
      id === "virtual:lessons" ||
      id === "virtual:languages" ||
      id.startsWith(LANGUAGE) ||
      id.startsWith(WORLD) ||
      id.startsWith(LESSON)
        ? `\0${id}`
        : undefined,
    load(id) {
      if (!id.startsWith("\0virtual:")) return undefined;
      try {
        if (id === "\0virtual:worlds")
          return listModule(
            worldNames().map((name) => {
              const { title, summary } = world(name);
              return { about: { name, title, summary }, module: WORLD + name };
            }),
          );
        if (id === "\0virtual:lessons")
          return listModule(
            built()
              .sort((a, b) => a.order - b.order)
              .map(({ slug, title, summary, minutes, world: on, steps }) => ({
                about: { slug, title, summary, minutes, world: on, steps: steps.length },
                module: LESSON + slug,
              })),
          );
        if (id.startsWith(`\0${WORLD}`)) {
          const name = id.slice(WORLD.length + 1);
          // A world may take another's part: any of them may change it.
          for (const one of worldNames()) this.addWatchFile(join(lessons, "worlds", `${one}.yaml`));
          return `export default ${JSON.stringify(world(name))};`;
        }
        if (id === "\0virtual:languages") {
          const rows = tags().map(
            (tag) => `{ tag: "${tag}", load: () => import(${JSON.stringify(LANGUAGE + tag)}) }`,
          );
          return `export default [${rows.join(", ")}];`;
        }
        if (id.startsWith(`\0${LANGUAGE}`)) return languageModule(id.slice(LANGUAGE.length + 1));
        const [slug = "", tag] = id.slice(LESSON.length + 1).split("/");
        this.addWatchFile(join(lessons, slug, "lesson.md"));
        return `export default ${JSON.stringify(tag ? lessonIn(lessons, slug, tag) : lesson(slug))};`;
      } catch (error) {
        if (error instanceof CompileError) this.error(error.message);
        throw error;
      }
    },
  };
}
