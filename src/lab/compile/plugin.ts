import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Plugin } from "vite";
import type { LessonSpec } from "../../lesson/spec.ts";
import type { WorldSpec } from "../../world/spec.ts";
import { compileLesson } from "./lesson.ts";
import { LiveLessons } from "./live.ts";
import { CompileError } from "./problem.ts";
import { compileWorld } from "./world.ts";

/** The lessons of the repository, or those of another folder, which the variable names. */
const lessons = resolve(
  process.env.HOPSCOPE_LESSONS ?? join(import.meta.dirname, "../../../lessons"),
);
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
 * lists `virtual:worlds`, `virtual:lessons`. No YAML and no Markdown parser reaches the page.
 */
export function content(): Plugin {
  return {
    name: "hopscope-content",
    configurePreviewServer(server) {
      const page = resolve(server.config.root, server.config.build.outDir, "index.html");
      const live = new LiveLessons(lessons, page);
      server.middlewares.use((request, response, next) => live.handle(request, response, next));
    },
    resolveId: (id) =>
      id === "virtual:worlds" ||
      id === "virtual:lessons" ||
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
            slugs()
              .map(lesson)
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
        const slug = id.slice(LESSON.length + 1);
        this.addWatchFile(join(lessons, slug, "lesson.md"));
        return `export default ${JSON.stringify(lesson(slug))};`;
      } catch (error) {
        if (error instanceof CompileError) this.error(error.message);
        throw error;
      }
    },
  };
}
