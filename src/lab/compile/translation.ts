import PO from "pofile";
import { type Counted, hasWords, isCounted } from "../../base/words.ts";
import { checkPo } from "./po.ts";
import type { Problem } from "./problem.ts";

/** Something that can be translated: its key, and what it says in English. */
export type Sentence = readonly [key: string, english: string | Counted];

/** What is said in place of the English. */
export interface Said {
  text: string;
  /** It was translated from other words than these. */
  stale: boolean;
  /** Where the translation stands; null: it is the English itself. */
  place: (() => Omit<Problem, "message">) | null;
}

/** Says things in another language. */
export interface Translator {
  of(key: string, english: string): Said;
}

export const AS_WRITTEN: Translator = { of: (_key, text) => ({ text, stale: false, place: null }) };

/** Says everything in English, and notes what was said. */
export class Collector implements Translator {
  sentences: Sentence[] = [];

  of(key: string, english: string): Said {
    if (hasWords(english)) this.sentences.push([key, english]);
    return AS_WRITTEN.of(key, english);
  }
}

/** How far a translation has come. */
export interface Coverage {
  language: string;
  all: number;
  translated: number;
  stale: number;
}

const CATEGORIES = ["zero", "one", "two", "few", "many", "other"] as const;

type Entry = InstanceType<typeof PO.Item>;
/** Its types leave out what it is made with. */
const NewEntry = PO.Item as new (options: { nplurals: number }) => Entry;

/** The English that an entry was translated from; forms that count are told apart by the first. */
function original(english: string | Counted): string {
  return isCounted(english) ? english.one : english;
}

/**
 * A translation: a file of GNU gettext (PO), one entry for each sentence. Its context (`msgctxt`) is the
 * sentence's key, `msgid` the English that it was translated from: where the two are no longer what there
 * is, or the entry is marked fuzzy, it is stale.
 */
export class Translation implements Translator {
  file: string;
  language: string;
  text: string;
  po: PO;
  sentences: readonly Sentence[];
  byKey = new Map<string, Entry>();
  /** Entries that are good for what they say in English, wherever that stands now. */
  byEnglish = new Map<string, Entry>();

  /**
   * `sentences`: everything that there is to translate now. `text`: the file's; "": a new one. Throws
   * CompileError.
   */
  constructor(file: string, language: string, text: string, sentences: readonly Sentence[]) {
    this.file = file;
    this.language = language;
    this.sentences = sentences;
    this.text = text;
    checkPo(file, text);
    this.po = PO.parse(text);
    for (const entry of this.po.items) {
      if (!entry.msgstr.some(Boolean)) continue;
      this.byKey.set(entry.msgctxt ?? "", entry);
      if (!entry.flags.fuzzy) this.byEnglish.set(entry.msgid, entry);
    }
  }

  /** The entry for a sentence, and whether it is stale; null when nobody has translated it. */
  find(key: string, english: string | Counted): { entry: Entry; stale: boolean } | null {
    const own = this.byKey.get(key);
    const said = original(english);
    if (own && own.msgid === said) return { entry: own, stale: own.flags.fuzzy === true };
    // It may only have moved: a step was put before it.
    const moved = this.byEnglish.get(said);
    if (moved && isCounted(english) === moved.msgstr.length > 1)
      return { entry: moved, stale: false };
    if (!own) return null;
    const elsewhere = this.sentences.some(([, other]) => original(other) === own.msgid);
    return elsewhere ? null : { entry: own, stale: true };
  }

  of(key: string, english: string): Said {
    const found = this.find(key, english);
    if (!found) return AS_WRITTEN.of(key, english);
    const { entry, stale } = found;
    const place = () => ({ file: this.file, line: this.lineOf(entry), field: key });
    return { text: entry.msgstr[0] ?? english, stale, place };
  }

  /** What it says now, by key: neither what is stale nor what is missing. */
  dictionary(): Record<string, string | Counted> {
    const said: Record<string, string | Counted> = {};
    for (const [key, english] of this.sentences) {
      const found = this.find(key, english);
      if (!found || found.stale) continue;
      const { msgstr } = found.entry;
      said[key] = isCounted(english) ? this.forms(msgstr) : (msgstr[0] ?? "");
    }
    return said;
  }

  /** gettext numbers a language's forms in the order of Unicode's categories, those that it has. */
  forms(msgstr: readonly string[]): Counted {
    const { pluralCategories } = new Intl.PluralRules(this.language).resolvedOptions();
    const names = CATEGORIES.filter((name) => pluralCategories.includes(name));
    const last = msgstr.at(-1) ?? "";
    const forms = names.map((name, n) => [name, msgstr[n] ?? last]);
    return { one: last, other: last, ...Object.fromEntries(forms) };
  }

  get coverage(): Coverage {
    const { language, sentences } = this;
    const found = sentences.map(([key, english]) => this.find(key, english));
    const stale = found.filter((one) => one?.stale).length;
    const translated = found.filter((one) => one && !one.stale).length;
    return { language, all: sentences.length, translated, stale };
  }

  /** What a translation has lost: gaps, code, links. A command must be what it is in every language. */
  problems(): Problem[] {
    return this.sentences.flatMap(([key, english]) => {
      const found = this.find(key, english);
      if (!found || found.stale) return [];
      const wanted = fixed(original(english));
      const { entry } = found;
      const texts = isCounted(english) ? entry.msgstr.filter(Boolean) : entry.msgstr.slice(0, 1);
      return texts.flatMap((text) =>
        difference(wanted, fixed(text)).map((message) => ({
          file: this.file,
          line: this.lineOf(entry),
          field: key,
          message,
        })),
      );
    });
  }

  lineOf(entry: Entry): number {
    const lines = this.text.split(/\r?\n/);
    return lines.indexOf(`msgctxt ${JSON.stringify(entry.msgctxt ?? "")}`) + 1;
  }
}

/** What must not be translated: gaps, code, addresses of links and the names of such. */
function fixed(text: string): string[] {
  return (
    text.match(/\{\w+\}|`[^`]+`|\]\([^)]+\)|\]\[[^\]]+\]|https?:[^\s)>]*[^\s)>.,;:!?]/g) ?? []
  ).sort();
}

function difference(wanted: string[], found: string[]): string[] {
  const lost = wanted.filter((one) => !found.includes(one));
  const fresh = found.filter((one) => !wanted.includes(one));
  return [
    ...new Set([
      ...lost.map((one) => `the translation lacks ${one}`),
      ...fresh.map((one) => `the translation has ${one}, the original has not`),
    ]),
  ];
}

/**
 * The file anew: every sentence in its order, what was translated kept, what is stale marked fuzzy with
 * the English that it was, and what is no longer said at the end, out of force.
 */
export function updated(old: Translation): string {
  const { po, language, sentences } = old;
  const fresh = new PO();
  fresh.comments = po.comments;
  fresh.headers = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": pluralForms(language),
    ...Object.fromEntries(Object.entries(po.headers).filter(([, value]) => value)),
    Language: language,
  };
  const kept = new Set<Entry>();
  const nplurals = pluralsOf(fresh.headers["Plural-Forms"] ?? "");
  fresh.items = sentences.map(([key, english]) => {
    const entry = new NewEntry({ nplurals });
    const found = old.find(key, english);
    entry.msgctxt = key;
    entry.msgid = original(english);
    if (isCounted(english)) entry.msgid_plural = english.other;
    if (!found) return entry;
    kept.add(found.entry);
    entry.msgstr = found.entry.msgstr;
    entry.comments = found.entry.comments;
    if (!found.stale) return entry;
    entry.flags.fuzzy = true;
    const before =
      found.entry.msgid === entry.msgid
        ? found.entry.extractedComments
        : [`before: ${found.entry.msgid}`];
    entry.extractedComments = before;
    return entry;
  });
  for (const entry of po.items) {
    if (kept.has(entry) || !entry.msgstr.some(Boolean)) continue;
    entry.obsolete = true;
    fresh.items.push(entry);
  }
  return `${fresh.toString().trimEnd()}\n`;
}

/** Of languages with more than two forms the translator's tool knows the rule. */
function pluralForms(language: string): string {
  const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
  return pluralCategories.length === 1 ? "nplurals=1; plural=0;" : "nplurals=2; plural=(n != 1);";
}

function pluralsOf(header: string): number {
  return Number(/nplurals\s*=\s*(\d+)/.exec(header)?.[1] ?? 2);
}
