import { join, resolve } from "node:path";
import type { Plugin } from "vite";
import type { LessonNews } from "../../lesson/spec.ts";
import { Library } from "./library.ts";
import { LiveLessons } from "./live.ts";
import { CompileError, problemText } from "./problem.ts";

const root = join(import.meta.dirname, "../../..");
const WORLD = "virtual:world/";
const LESSON = "virtual:lesson/";
const LANGUAGE = "virtual:language/";

/**
 * The lessons of the repository, or those of another folder, which a variable names. `npm start` says with
 * another that a page is wanted though a lesson is broken.
 */
function library(): Library {
  const { HOPSCOPE_LESSONS: dir = join(root, "lessons"), HOPSCOPE_BROKEN: broken } = process.env;
  return new Library(resolve(dir), join(root, "translations"), broken === "left out");
}

/** Tells every page that opens of what is broken, too: the page may have been built without it. */
class Live extends LiveLessons {
  from: Library;

  constructor(from: Library, page: string) {
    super(from.dir, page);
    this.from = from;
  }

  override newsOf(slug: string, language: string): LessonNews {
    const problems = this.from.has(slug) ? this.from.problemsOf(slug).map(problemText) : [];
    return problems.length ? { slug, spec: null, problems } : super.newsOf(slug, language);
  }

  override newer(): string[] {
    const { from } = this;
    const broken = from.slugs.filter((slug) => from.problemsOf(slug).length > 0);
    const translated = from.slugs.filter((slug) => from.translationProblems(slug).length > 0);
    // The page shows what it heard last: nothing that compiles may come after what does not.
    const last = [...translated, ...broken];
    return [...super.newer().filter((slug) => !last.includes(slug)), ...last];
  }
}

/** Every word in one language, but the lessons', each of which is a part of its own. */
function languageModule(from: Library, tag: string): string {
  const words = { ...from.pageWords(tag) };
  const translated = from.builtIn(tag);
  for (const slug of translated) {
    const { title, summary } = from.lessonIn(slug, tag);
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
export function content(from: Library = library()): Plugin {
  return {
    name: "hopscope-content",
    configResolved({ command, isWorker }) {
      if (command !== "build" || isWorker) return;
      for (const problem of from.examine()) console.error(`${problem} (left out)`);
    },
    configurePreviewServer(server) {
      const page = resolve(server.config.root, server.config.build.outDir, "index.html");
      const live = new Live(from, page);
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
            from.worlds.map((name) => {
              const { title, summary } = from.world(name);
              return { about: { name, title, summary }, module: WORLD + name };
            }),
          );
        if (id === "\0virtual:lessons")
          return listModule(
            from.built
              .sort((a, b) => a.order - b.order)
              .map(({ slug, title, summary, minutes, world: on, steps }) => ({
                about: { slug, title, summary, minutes, world: on, steps: steps.length },
                module: LESSON + slug,
              })),
          );
        if (id.startsWith(`\0${WORLD}`)) {
          const name = id.slice(WORLD.length + 1);
          // A world may take another's part: any of them may change it.
          for (const one of from.worlds) this.addWatchFile(join(from.dir, "worlds", `${one}.yaml`));
          return `export default ${JSON.stringify(from.world(name))};`;
        }
        if (id === "\0virtual:languages") {
          const rows = from.tags.map(
            (tag) => `{ tag: "${tag}", load: () => import(${JSON.stringify(LANGUAGE + tag)}) }`,
          );
          return `export default [${rows.join(", ")}];`;
        }
        if (id.startsWith(`\0${LANGUAGE}`))
          return languageModule(from, id.slice(LANGUAGE.length + 1));
        const [slug = "", tag] = id.slice(LESSON.length + 1).split("/");
        this.addWatchFile(join(from.dir, slug, "lesson.md"));
        return `export default ${JSON.stringify(tag ? from.lessonIn(slug, tag) : from.lesson(slug))};`;
      } catch (error) {
        if (error instanceof CompileError) this.error(error.message);
        throw error;
      }
    },
  };
}
