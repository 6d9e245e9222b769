import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorldSpec } from "../world/spec.ts";
import { lessonSentences, pageSentences, translationOf } from "./compile/sentences.ts";
import { type Coverage, type Translation, updated } from "./compile/translation.ts";

/** "de: 90 of 93, 1 stale". */
export function coverageText({ language, all, translated, stale }: Coverage): string {
  return `${language}: ${translated} of ${all} translated${stale ? `, ${stale} stale` : ""}`;
}

function write(dir: string, translation: Translation): Translation {
  const { language } = translation;
  if (Intl.PluralRules.supportedLocalesOf([language]).length === 0)
    throw new Error(`no language is called "${language}"`);
  writeFileSync(join(dir, `${language}.po`), updated(translation));
  return translation;
}

/** translations/LANG.po: what the page, its worker and the worlds say. Throws Error. */
export function pageTranslation(
  root: string,
  worlds: readonly WorldSpec[],
  language: string,
): Translation {
  const dir = join(root, "translations");
  if (!existsSync(dir)) throw new Error("the page's words are translated in its repository");
  return write(dir, translationOf(dir, "translations", language, pageSentences(worlds)));
}

/** lessons/SLUG/LANG.po. Throws Error, CompileError. */
export function lessonTranslation(root: string, slug: string, language: string): Translation {
  const shown = `lessons/${slug}`;
  const dir = join(root, shown);
  const file = join(dir, "lesson.md");
  if (!existsSync(file)) throw new Error(`there is no ${shown}/lesson.md`);
  const sentences = lessonSentences(`${shown}/lesson.md`, slug, readFileSync(file, "utf8"));
  return write(dir, translationOf(dir, shown, language, sentences));
}
