import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sentencesOf } from "../../base/words.ts";
import { filterWords, journeyWords } from "../../journey/english.ts";
import { checkWords } from "../../lesson/english.ts";
import type { LessonSpec } from "../../lesson/spec.ts";
import { editor } from "../../ui/text/english/editor.ts";
import { embed } from "../../ui/text/english/embed.ts";
import { lesson } from "../../ui/text/english/lesson.ts";
import { notes } from "../../ui/text/english/notes.ts";
import { page } from "../../ui/text/english/page.ts";
import { palette } from "../../ui/text/english/palette.ts";
import { share } from "../../ui/text/english/share.ts";
import { tables } from "../../ui/text/english/tables.ts";
import { views } from "../../ui/text/english/views.ts";
import { workshop } from "../../ui/text/english/workshop.ts";
import { workerWords } from "../../worker/english.ts";
import type { WorldSpec } from "../../world/spec.ts";
import { compileLesson } from "./lesson.ts";
import { Collector, type Sentence, Translation } from "./translation.ts";

/** Everything that the page and the worker say, and what the worlds say of themselves. */
export function pageSentences(worlds: readonly WorldSpec[]): Sentence[] {
  const own = { page, palette, lesson, editor, tables, views, workshop, share, embed, notes };
  const engine = {
    journey: journeyWords,
    filter: filterWords,
    check: checkWords,
    worker: workerWords,
  };
  const about = Object.fromEntries(
    worlds.map(({ name, title, summary, differs }) => [name, { title, summary, differs }]),
  );
  return [...sentencesOf({ ...own, ...engine, worlds: about }, "")].map(([key, said]) => [
    key.slice(1),
    said,
  ]);
}

/** Everything that a lesson says. Throws CompileError. */
export function lessonSentences(file: string, slug: string, source: string): Sentence[] {
  const collector = new Collector();
  compileLesson(file, slug, source, collector);
  return collector.sentences;
}

/** Languages that a folder has a translation in. */
export function languagesOf(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => /^[a-zA-Z-]+\.po$/.test(name))
    .map((name) => name.slice(0, -3))
    .sort();
}

/** A folder's translation into a language; one without entries when there is none. */
export function translationOf(
  dir: string,
  shown: string,
  language: string,
  sentences: readonly Sentence[],
): Translation {
  const file = join(dir, `${language}.po`);
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return new Translation(`${shown}/${language}.po`, language, text, sentences);
}

/** A lesson of a folder of lessons, in a language. Throws CompileError. */
export function lessonIn(dir: string, slug: string, language: string): LessonSpec {
  const file = `lessons/${slug}/lesson.md`;
  const source = readFileSync(join(dir, slug, "lesson.md"), "utf8");
  const sentences = lessonSentences(file, slug, source);
  const translation = translationOf(join(dir, slug), `lessons/${slug}`, language, sentences);
  return compileLesson(file, slug, source, translation);
}
