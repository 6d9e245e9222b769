import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkPo } from "./po.ts";
import { CompileError, problemText } from "./problem.ts";
import { Translation } from "./translation.ts";

const root = join(import.meta.dirname, "../../..");

const PO = `# Nobody in particular.
msgid ""
msgstr ""
"Language: de\\n"

#. before: One packet
#, fuzzy
msgctxt "title"
msgid "A packet"
msgstr "Ein Paket"

msgctxt "count"
msgid "{count} packet"
msgid_plural "{count} packets"
msgstr[0] ""
"{count} \\"Paket\\""
msgstr[1] "{count} Pakete"

#~ msgctxt "title"
#~ msgid "An old packet"
#~ msgstr "Ein altes Paket"
`;

function told(text: string): string[] {
  try {
    checkPo("de.po", text);
  } catch (error) {
    if (error instanceof CompileError) return error.problems.map(problemText);
    throw error;
  }
  return [];
}

describe("the file of a translation", () => {
  it("that is right is read", () => {
    expect(told(PO)).toEqual([]);
    expect(told(PO.replaceAll("\n", "\r\n"))).toEqual([]);
    expect(told("")).toEqual([]);
  });

  it.each(["translations/de.po", "lessons/one-packet-five-hooks/de.po"])("%s is", (name) => {
    expect(told(readFileSync(join(root, name), "utf8"))).toEqual([]);
  });

  const quotes = 'expected one text between two quotes (a quote inside it is written \\")';
  const line = "expected msgctxt, msgid, msgid_plural, msgstr, a text in quotes or a comment";
  it.each([
    ["an unclosed quote", '"Ein Paket"', '"Ein Paket', [`10: ${quotes}`]],
    ["a quote inside", '"Ein Paket"', '"Ein "Paket""', [`10: ${quotes}`]],
    ["no text", 'msgstr "Ein Paket"', "msgstr", [`10: ${quotes}`]],
    [
      "an escape of no kind",
      "Ein Paket",
      "Ein \\Paket",
      ["10: there is no escape \\P (a backslash is written \\\\)"],
    ],
    ["no translation", 'msgstr "Ein Paket"\n', "", ["8: msgid without msgstr"]],
    [
      "no original",
      'msgid "A packet"\n',
      "",
      ["9: msgstr after msgctxt: one does not follow the other"],
    ],
    [
      "forms without a plural",
      'msgid_plural "{count} packets"\n',
      "",
      ["14: msgstr[0] after msgid: one does not follow the other"],
    ],
    ["rubbish", "#, fuzzy", "fuzzy", [`7: ${line}`]],
    [
      "a word of its own",
      'msgid "A packet"',
      'msgidd "A packet"',
      [`9: ${line}`, "10: msgstr after msgctxt: one does not follow the other"],
    ],
    [
      "two of a name",
      'msgctxt "count"',
      'msgctxt "title"',
      ['12: msgctxt "title" stands on line 8 already'],
    ],
    [
      "a header that runs on",
      '\\n"\n\n#.',
      '\\n"\n#.',
      ["7: expected an empty line between the header and what follows"],
    ],
    ["an end too soon", PO.slice(PO.indexOf("msgstr[0]")), "", ["12: msgid without msgstr"]],
  ])("with %s is refused by its line", (_what, from, to, problems) => {
    expect(PO).toContain(from);
    expect(told(PO.replace(from, () => to))).toEqual(problems.map((one) => `de.po:${one}`));
  });

  it("makes no translation when it is broken", () => {
    const broken = PO.replace('msgstr "Ein Paket"\n', "");
    expect(() => new Translation("de.po", "de", broken, [])).toThrow(
      "de.po:8: msgid without msgstr",
    );
  });
});
