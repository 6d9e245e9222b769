import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { LessonSpec } from "../../lesson/spec.ts";
import type { WorldSpec } from "../../world/spec.ts";
import { compileLesson, type Places } from "./lesson.ts";
import { CompileError, NoWorld, type Problem, problemText } from "./problem.ts";
import { languagesOf, lessonIn, pageSentences, translationOf } from "./sentences.ts";
import { compileWorld } from "./world.ts";

/** Names of the worlds in a folder of lessons. */
export function worldNames(dir: string): string[] {
  return readdirSync(join(dir, "worlds"))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => basename(name, ".yaml"))
    .sort();
}

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

/** A folder of lessons with their worlds, and what the page says in other languages: what a page is built of. */
export class Library {
  dir: string;
  translations: string;
  /** A broken lesson, or translation of one, is left out; else it may not be there. */
  lenient: boolean;

  constructor(dir: string, translations: string, lenient: boolean) {
    this.dir = dir;
    this.translations = translations;
    this.lenient = lenient;
  }

  get worlds(): string[] {
    return worldNames(this.dir);
  }

  /** The folders that hold a lesson. */
  get slugs(): string[] {
    return readdirSync(this.dir)
      .filter((name) => this.has(name))
      .sort();
  }

  has(slug: string): boolean {
    return existsSync(join(this.dir, slug, "lesson.md"));
  }

  /** Throws CompileError. */
  world(name: string): WorldSpec {
    const text = readFileSync(join(this.dir, "worlds", `${name}.yaml`), "utf8");
    return compileWorld(`lessons/worlds/${name}.yaml`, name, text);
  }

  /** Throws CompileError. */
  lesson(slug: string): LessonSpec {
    const file = `lessons/${slug}/lesson.md`;
    const source = readFileSync(join(this.dir, slug, "lesson.md"), "utf8");
    const places: Places = new Map();
    const spec = compileLesson(file, slug, source, undefined, places);
    // Lessons may stand without worlds: beside a page that has been built already.
    if (existsSync(join(this.dir, "worlds")) && !this.worlds.includes(spec.world))
      throw new NoWorld(spec.world, this.worlds).on(file, places.get(spec) ?? 1);
    return spec;
  }

  /** A lesson in another language. Throws CompileError. */
  lessonIn(slug: string, tag: string): LessonSpec {
    return lessonIn(this.dir, slug, tag);
  }

  /** Languages that a lesson is translated into. */
  languagesOf(slug: string): string[] {
    return languagesOf(join(this.dir, slug));
  }

  /** The languages of the page: those that it, or a lesson, is translated into. */
  get tags(): string[] {
    const all = [
      ...languagesOf(this.translations),
      ...this.slugs.flatMap((slug) => this.languagesOf(slug)),
    ];
    return [...new Set(all)].sort();
  }

  /** What the page says in a language. Throws CompileError. */
  pageWords(tag: string): ReturnType<ReturnType<typeof translationOf>["dictionary"]> {
    const said = pageSentences(this.worlds.map((name) => this.world(name)));
    return translationOf(this.translations, "translations", tag, said).dictionary();
  }

  /** What is wrong with a lesson; or with its translation into `tag`. */
  problemsOf(slug: string, tag?: string): Problem[] {
    return problemsOf(() => (tag ? this.lessonIn(slug, tag) : this.lesson(slug)));
  }

  /** What is wrong with a lesson's translations, as far as it compiles itself. */
  translationProblems(slug: string): Problem[] {
    if (this.problemsOf(slug).length > 0) return [];
    return this.languagesOf(slug).flatMap((tag) => this.problemsOf(slug, tag));
  }

  /** Lessons that the page has: all, or those that compile. */
  get built(): LessonSpec[] {
    const { slugs, lenient } = this;
    return slugs
      .filter((slug) => !lenient || this.problemsOf(slug).length === 0)
      .map((slug) => this.lesson(slug));
  }

  /** Lessons that the page has in a language. */
  builtIn(tag: string): string[] {
    return this.built
      .map(({ slug }) => slug)
      .filter((slug) => this.languagesOf(slug).includes(tag))
      .filter((slug) => !this.lenient || this.problemsOf(slug, tag).length === 0);
  }

  /**
   * Before anything is built: an author's own lines, and nothing of the bundler's. Answers what is left
   * out. Throws CompileError.
   */
  examine(): string[] {
    const broken = this.slugs.flatMap((slug) => [
      ...this.problemsOf(slug),
      ...this.translationProblems(slug),
    ]);
    const worlds = this.worlds.flatMap((name) => problemsOf(() => this.world(name)));
    const tags = worlds.length ? [] : languagesOf(this.translations);
    const problems = [
      ...worlds,
      ...tags.flatMap((tag) => problemsOf(() => this.pageWords(tag))),
      ...(this.lenient ? [] : broken),
    ];
    if (problems.length) throw new CompileError(problems);
    return broken.map(problemText);
  }
}
