import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Block } from "../../lesson/spec.ts";
import { compileLesson, type Places } from "./lesson.ts";
import { CompileError } from "./problem.ts";
import { lessonSentences } from "./sentences.ts";
import { Translation } from "./translation.ts";

const HEAD = "---\ntitle: T\nsummary: S\nworld: router\nminutes: 1\n---\n\n## One\n\n";
const STEP = `\`\`\`yaml step
at: router
tasks:
  - { id: a, text: Do it., answer: 1 }
solution: [{ at: router, run: x }]
\`\`\`
`;
/** The line on which the prose begins. */
const FIRST = 10;

function source(prose: string): string {
  return `${HEAD}${prose}\n\n${STEP}`;
}

function prose(text: string, places?: Places): Block[] {
  return compileLesson("l.md", "l", source(text), undefined, places).steps[0]?.prose ?? [];
}

/** What an author is told. */
function told(text: string): string {
  try {
    compileLesson("l.md", "l", text);
    return "";
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
}

const text = (said: string) => ({ kind: "text", text: said });
const paragraph = (said: string) => ({ kind: "paragraph", text: [text(said)] });

describe("prose", () => {
  it("holds blocks in the items of lists and in quotes, to any depth", () => {
    const blocks = prose(
      "3. one\n\n   two\n\n   ```sh router\n   ip rule\n   ```\n   - a\n     - b\n4. three\n\n> four\n>\n> - five\n>   > six",
    );
    expect(blocks).toEqual([
      {
        kind: "list",
        start: 3,
        loose: true,
        items: [
          [
            paragraph("one"),
            paragraph("two"),
            { kind: "code", text: "ip rule", at: "router" },
            {
              kind: "list",
              start: null,
              loose: false,
              items: [
                [
                  paragraph("a"),
                  { kind: "list", start: null, loose: false, items: [[paragraph("b")]] },
                ],
              ],
            },
          ],
          [paragraph("three")],
        ],
      },
      {
        kind: "quote",
        blocks: [
          paragraph("four"),
          {
            kind: "list",
            start: null,
            loose: false,
            items: [[paragraph("five"), { kind: "quote", blocks: [paragraph("six")] }]],
          },
        ],
      },
    ]);
  });

  it("holds inlines in inlines", () => {
    const [first] = prose(
      'A **bold `ip &amp; <x>` [link *x*](https://a.b/?c=1&amp;d "t")** ~~no~~ \\*&lt;&#8594;&nbsp;\\<b> end  \nof\\\nline',
    );
    expect(first).toEqual({
      kind: "paragraph",
      text: [
        text("A "),
        {
          kind: "strong",
          parts: [
            text("bold "),
            { kind: "code", text: "ip &amp; <x>" },
            text(" "),
            {
              kind: "link",
              href: "https://a.b/?c=1&d",
              title: "t",
              parts: [text("link "), { kind: "em", parts: [text("x")] }],
            },
          ],
        },
        text(" "),
        { kind: "del", parts: [text("no")] },
        text(" *<→\u00a0<b> end"),
        { kind: "break" },
        text("of"),
        { kind: "break" },
        text("line"),
      ],
    });
  });

  it("has tables, headings, lines, links by name and as they are; not its author's notes", () => {
    const blocks = prose(
      "### Ports *here*\n\n| Port | Who |\n|---:|:-:|\n| `80` | a\\|b |\n| 15008 | [x][docs] |\n\n***\n\n<!-- look\n\nagain --> \n\n<https://a.b> www.c.de\n\n[docs]: https://d.e",
    );
    const link = (href: string, said = href) => ({
      ...{ kind: "link", href, title: "" },
      parts: [text(said)],
    });
    expect(blocks).toEqual([
      {
        kind: "heading",
        level: 3,
        text: [text("Ports "), { kind: "em", parts: [text("here")] }],
      },
      {
        kind: "table",
        align: ["right", "center"],
        head: [[text("Port")], [text("Who")]],
        rows: [
          [[{ kind: "code", text: "80" }], [text("a|b")]],
          [[text("15008")], [link("https://d.e", "x")]],
        ],
      },
      { kind: "line" },
      {
        kind: "paragraph",
        text: [link("https://a.b"), text(" "), link("http://www.c.de", "www.c.de")],
      },
    ]);
  });

  it("knows the line of each link and command, within what it stands in", () => {
    const places: Places = new Map();
    const blocks = prose(
      "- one\n  two\n\n  ```sh router\n  ip rule\n  ```\n- **a\n  [b](https://c.d)**",
      places,
    );
    const [list] = blocks;
    const items = list?.kind === "list" ? list.items : [];
    expect(places.get(items[0]?.[1] ?? {})).toBe(FIRST + 3);
    const said = items[1]?.[0];
    const strong = said?.kind === "paragraph" ? said.text[0] : undefined;
    expect(strong).toMatchObject({ kind: "strong", parts: [text("a "), { kind: "link" }] });
    expect(places.get(strong?.kind === "strong" ? (strong.parts[1] ?? {}) : {})).toBe(FIRST + 7);
  });

  it.each([
    ["a picture", "- a\n\n  b\n  ![x](y.png)", 3, "a picture is not shown"],
    ["HTML", "one\ntwo **<b>x</b>**", 1, "HTML is not shown"],
    ["a block of HTML", "> one\n>\n> <div>\n> x\n> </div>", 2, "HTML is not shown"],
    ["a name that was meant", "Ping <name>.", 0, "HTML is not shown"],
    ["a footnote", "One.[^1]\n\n[^1]: https://a.b", 0, "footnotes are not shown"],
    ["a footnote of words", "One.[^1]\n\n[^1]: Of many words.", 0, "footnotes are not shown"],
    ["a box", "- one\n- [ ] two", 1, "a box to tick is not shown"],
    ["a title of the first level", "# Big", 0, "expected ## for a step"],
    ["a step in a quote", "> ## Two", 0, "## begins a step"],
    ["a step's block in a list", `- a\n\n  ${STEP.replaceAll("\n", "\n  ")}`, 2, "a step's block"],
    ["a block that nobody knows", "```yaml predikt\na: 1\n```", 0, "found yaml predikt"],
    ["an entity", "a\n&hellip; b", 1, "write the character itself in place of &hellip;"],
    ["a cell too many", "| a | b |\n|---|---|\n| c | d |\n| `e | f` | g |", 3, "more cells than"],
    ["a machine of another language", "a\n\n```bash router\nb\n```", 2, "found bash router"],
    ["a link's name in an item", "- a\n\n  [b]: https://c.d", 2, "no link is called [b]"],
    ["a link's name", "a\n\n[b]: https://c.d", 2, "no link is called [b]"],
  ])("%s is an error on its line", (_what, said, line, message) => {
    expect(told(source(said))).toMatch(new RegExp(`^l\\.md:${FIRST + line}: `));
    expect(told(source(said))).toContain(message);
  });

  it("loses no word without saying so", () => {
    const pieces = [
      " ",
      " ",
      "\n",
      "\n\n",
      "  \n",
      "\n- ",
      "\n  - ",
      "\n3. ",
      "\n   ",
      "\n> ",
      "\n    ",
    ];
    pieces.push(
      "**",
      "*",
      "_",
      "~~",
      "`",
      "``",
      "\n```\n",
      "\n```sh router\n",
      "\n### ",
      "\n***\n",
      "\n---\n",
    );
    pieces.push(
      "[",
      "](https://a.b)",
      "](?lesson=x 'y')",
      "][z]",
      "\n[z]: https://c.d\n",
      "https://e.f/",
      "![",
    );
    pieces.push(
      "|",
      "\n|a|b|\n|---|:-:|\n|",
      " | ",
      "<",
      ">",
      "</b>",
      "&",
      "&amp;",
      "\\",
      "[^1]",
      "- [ ] ",
      "&x;",
    );
    const soup = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constant("")), { maxLength: 40 });
    let shown = 0;
    fc.assert(
      fc.property(soup, (parts) => {
        const words = parts.map((_part, n) => `w${n}w`);
        const said = parts.map((part, n) => `${part}${words[n]}`).join("");
        let blocks: Block[];
        try {
          blocks = prose(`Begin.\n${said}`);
        } catch (error) {
          if (error instanceof CompileError) return;
          throw error;
        }
        shown++;
        const all = JSON.stringify(blocks);
        expect(words.filter((word) => !all.includes(word))).toEqual([]);
      }),
      { numRuns: 1500 },
    );
    expect(shown).toBeGreaterThan(300);
  });

  it("what a task or a title says is held to the same", () => {
    expect(told(source("x").replace("Do it.", '"See ![x](y)"'))).toMatch(/^l\.md:15: a picture/);
    expect(told(source("x").replace("## One", "## *One*"))).toMatch(/^l\.md:8: a step's title is/);
    expect(compileLesson("l.md", "l", source("x").replace("One", "A \\< B")).steps[0]?.title).toBe(
      "A < B",
    );
  });
});

describe("a translation of prose", () => {
  const english = source(
    "- First  \n  of all.\n\n  Second `a`.\n  - Third.\n\n| Head | `x` |\n|---|---|\n| Cell one | [Cell *two*](https://a.b) |\n\n### Below",
  );
  const sentences = lessonSentences("l.md", "l", english);

  it("has every paragraph, cell and heading for a sentence", () => {
    expect(sentences.filter(([key]) => key.includes("prose"))).toEqual([
      ["1.prose.1", "First  \nof all."],
      ["1.prose.2", "Second `a`."],
      ["1.prose.3", "Third."],
      ["1.prose.4", "Head"],
      ["1.prose.6", "Cell one"],
      ["1.prose.7", "[Cell *two*](https://a.b)"],
      ["1.prose.8", "Below"],
    ]);
  });

  const po = (msgid: string, msgstr: string): string =>
    `msgctxt "1.prose.1"\nmsgid ${msgid}\nmsgstr ${msgstr}\n`;
  const german = (file: string): Block[] => {
    const translation = new Translation("de.po", "de", file, sentences);
    return compileLesson("l.md", "l", english, translation).steps[0]?.prose ?? [];
  };

  it("stands where the original does", () => {
    const [list] = german(po('"First  \\nof all."', '"Als *erstes*."'));
    expect(list).toMatchObject({
      items: [
        [
          {
            text: [text("Als "), { kind: "em", parts: [text("erstes")] }, text(".")],
          },
          { text: [text("Second "), {}, text(".")] },
          { kind: "list" },
        ],
      ],
    });
  });

  it("that cannot be shown is told of by its own line", () => {
    const file = `\n${po('"First  \\nof all."', '"<b>Als</b>"')}`;
    expect(() => german(file)).toThrow(/^de\.po:2: 1\.prose\.1: HTML is not shown/);
  });
});
