import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fill, translated } from "../../base/words.ts";
import { compileLesson } from "./lesson.ts";
import { worldNames } from "./library.ts";
import { problemText } from "./problem.ts";
import {
  languagesOf,
  lessonIn,
  lessonSentences,
  pageSentences,
  translationOf,
} from "./sentences.ts";
import { type Sentence, Translation, updated } from "./translation.ts";
import { compileWorld } from "./world.ts";

const root = join(import.meta.dirname, "../../..");

const SENTENCES: Sentence[] = [
  ["title", "A packet"],
  ["1.prose.1", "Type `ip route`, then look."],
  ["count", { one: "{count} packet", other: "{count} packets" }],
];

const PO = `msgid ""
msgstr ""
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgctxt "title"
msgid "A packet"
msgstr "Ein Paket"

msgctxt "1.prose.1"
msgid "Type \`ip route\`, then look."
msgstr "Tippe \`ip route\`, dann schau."

msgctxt "count"
msgid "{count} packet"
msgid_plural "{count} packets"
msgstr[0] "{count} Paket"
msgstr[1] "{count} Pakete"
`;

function translation(sentences: readonly Sentence[] = SENTENCES, text = PO): Translation {
  return new Translation("de.po", "de", text, sentences);
}

function told(one: Translation): string[] {
  return one.problems().map(problemText);
}

describe("a translation", () => {
  it("says what it says, and how far it has come", () => {
    expect(translation().dictionary()).toEqual({
      title: "Ein Paket",
      "1.prose.1": "Tippe `ip route`, dann schau.",
      count: { one: "{count} Paket", other: "{count} Pakete" },
    });
    expect(translation().coverage).toEqual({ language: "de", all: 3, translated: 3, stale: 0 });
    expect(told(translation())).toEqual([]);
  });

  it("is stale where the original has changed, and where it is marked fuzzy", () => {
    const changed: Sentence[] = [["title", "One packet"], ...SENTENCES.slice(1)];
    const one = translation(changed);
    expect(one.of("title", "One packet")).toMatchObject({ text: "Ein Paket", stale: true });
    expect(one.dictionary().title).toBeUndefined();
    expect(one.coverage).toMatchObject({ translated: 2, stale: 1 });
    const fuzzy = PO.replace('msgctxt "title"', '#, fuzzy\nmsgctxt "title"');
    expect(translation(SENTENCES, fuzzy).of("title", "A packet").stale).toBe(true);
  });

  it("follows what has only moved, and takes nothing else for it", () => {
    const moved: Sentence[] = [
      ["title", "Something new"],
      ["2.title", "A packet"],
    ];
    const one = translation(moved);
    expect(one.of("2.title", "A packet")).toMatchObject({ text: "Ein Paket", stale: false });
    expect(one.of("title", "Something new")).toMatchObject({ text: "Something new", stale: false });
  });

  it("that lacks a gap or a command, or has one of its own, is told of by file, line and field", () => {
    const text = PO.replace("Tippe `ip route`", "Tippe `ip rule`").replace(
      "{count} Pakete",
      "Pakete",
    );
    const line = text.split("\n").indexOf('msgctxt "1.prose.1"') + 1;
    expect(told(translation(SENTENCES, text))).toEqual([
      `de.po:${line}: 1.prose.1: the translation lacks \`ip route\``,
      `de.po:${line}: 1.prose.1: the translation has \`ip rule\`, the original has not`,
      `de.po:${line + 4}: count: the translation lacks {count}`,
    ]);
  });

  it("brought up to date keeps what was translated, marks what is stale, and loses nobody's work", () => {
    const now: Sentence[] = [
      ["title", "One packet"],
      ["1.prose.1", "Type `ip route`, then look."],
      ["1.prose.2", "More."],
    ];
    const text = updated(translation(now));
    expect(text).toContain('#. before: A packet\n#, fuzzy\nmsgctxt "title"\nmsgid "One packet"');
    expect(text).toContain('msgctxt "1.prose.2"\nmsgid "More."\nmsgstr ""');
    expect(text).toContain('#~ msgstr[1] "{count} Pakete"');
    const again = translation(now, text);
    expect(again.coverage).toEqual({ language: "de", all: 3, translated: 1, stale: 1 });
    expect(updated(again)).toBe(text);
    // What comes back has its translation still.
    expect(translation(SENTENCES, text).of("count", "{count} packet").text).toBe("{count} Paket");
  });
});

describe("a lesson in another language", () => {
  const dir = join(root, "lessons/one-packet-five-hooks");
  const source = readFileSync(join(dir, "lesson.md"), "utf8");
  const german = lessonIn(join(root, "lessons"), "one-packet-five-hooks", "de");

  it("has everything but its words as the original has it", () => {
    const english = compileLesson("l.md", german.slug, source);
    expect(german.title).toBe("Ein Paket, fünf Hooks");
    expect(german.steps.map(({ solution }) => solution)).toEqual(
      english.steps.map(({ solution }) => solution),
    );
    expect(german.steps.map(({ tasks }) => tasks.map(({ check }) => check))).toEqual(
      english.steps.map(({ tasks }) => tasks.map(({ check }) => check)),
    );
    const [first] = german.steps[0]?.tasks ?? [];
    expect(first?.text).not.toEqual(english.steps[0]?.tasks[0]?.text);
  });

  it("shows that a sentence is of an older original, and the original", () => {
    const changed = source.replace("Put a rule into each.", "Put one rule into each.");
    const sentences = lessonSentences("l.md", german.slug, changed);
    const translation = translationOf(dir, "l", "de", sentences);
    const spec = compileLesson("l.md", german.slug, changed, translation);
    const paragraph = spec.steps[0]?.prose[1];
    const parts = paragraph?.kind === "paragraph" ? paragraph.text : [];
    expect(parts.at(-1)).toMatchObject({
      kind: "stale",
      english: [{ text: "Put one rule into each. A rule without a target (" }, {}, {}],
    });
    expect(parts[0]).toMatchObject({ kind: "text", text: expect.stringContaining("Setze") });
  });

  it("is not there for a language that nobody has translated it into", () => {
    expect(languagesOf(dir)).toEqual(["de"]);
  });
});

describe("the page in other languages", () => {
  const worlds = worldNames(join(root, "lessons")).map((name) =>
    compileWorld(name, name, readFileSync(join(root, `lessons/worlds/${name}.yaml`), "utf8")),
  );
  const sentences = pageSentences(worlds);

  it("has a key for every sentence once", () => {
    const keys = sentences.map(([key]) => key);
    expect(keys).toHaveLength(new Set(keys).size);
    expect(keys).toContain("page.timeline.empty");
    expect(keys).toContain("check.step.vni");
    expect(keys).toContain("worlds.router.title");
  });

  it.each(languagesOf(join(root, "translations")))("loses no gap and no code in %s", (tag) => {
    expect(told(translationOf(join(root, "translations"), "t", tag, sentences))).toEqual([]);
  });
});

describe("words with gaps", () => {
  it("are filled by name, once, in any order", () => {
    expect(fill("{b} after {a}", { a: "{b}", b: 2 })).toBe("2 after {b}");
  });

  it("in a table are translated where the dictionary says so", () => {
    const table = { one: "a", list: ["b", ["c"]], deep: { x: "d", n: { one: "e", other: "f" } } };
    const said = { "t.list.1.0": "C", "t.deep.n": { one: "E", other: "F" } };
    expect(translated(table, said, "t")).toEqual({
      one: "a",
      list: ["b", ["C"]],
      deep: { x: "d", n: { one: "E", other: "F" } },
    });
  });
});
