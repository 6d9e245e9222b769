import languages from "virtual:languages";
import { type Counted, type Dictionary, fill, translated } from "../../base/words.ts";
import { language } from "./language.ts";

/** What cannot be loaded is read in English. */
async function load(): Promise<Dictionary> {
  const found = languages.find(({ tag }) => tag === language);
  return found
    ? found.load().then(
        ({ words }) => words,
        () => ({}),
      )
    : {};
}

const dictionary = await load();
if (typeof document !== "undefined") document.documentElement.lang = language;
const rules = new Intl.PluralRules(language);

/** A table of the page's words in the page's language. `key`: what translations call it. */
export function ours<T>(key: string, table: T): T {
  return translated(table, dictionary, key);
}

/** A sentence in the form that the language has for `count`, which fills its gap. */
export function count(
  forms: Counted,
  count: number,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const all: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> = { ...forms };
  return fill(all[rules.select(count)] ?? forms.other, { count, ...values });
}
