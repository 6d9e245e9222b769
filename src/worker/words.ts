import languages from "virtual:languages";
import { type Dictionary, translated } from "../base/words.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import type { WorkerWords } from "./english.ts";

/** What the worker says in a language, and what worlds and lessons say of themselves in it. */
export class Tongue {
  dictionary: Dictionary;
  lessons: Record<string, () => Promise<LessonSpec>>;

  constructor(dictionary: Dictionary, lessons: Tongue["lessons"]) {
    this.dictionary = dictionary;
    this.lessons = lessons;
  }

  /** What the worker itself says: seldom needed. */
  async say(): Promise<WorkerWords> {
    const { workerWords } = await import("./english.ts");
    return translated(workerWords, this.dictionary, "worker");
  }

  world<T>(name: string, about: T): T {
    return translated(about, this.dictionary, `worlds.${name}`);
  }

  lesson<T>(slug: string, about: T): T {
    return translated(about, this.dictionary, `lessons.${slug}`);
  }

  /** A translated lesson; null when nobody has translated it. */
  load(slug: string): Promise<LessonSpec> | null {
    return this.lessons[slug]?.() ?? null;
  }
}

export const ENGLISH = new Tongue({}, {});

/** English where there is no such language, or where it cannot be loaded. */
export async function tongueOf(tag: string): Promise<Tongue> {
  const found = languages.find((one) => one.tag === tag);
  const loaded = await found?.load().catch(() => null);
  return loaded ? new Tongue(loaded.words, loaded.lessons) : ENGLISH;
}
