import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { toYaml } from "./yaml.ts";

/** What go-yaml v2 does (its encode_test.go and emitterc.go), case by case. */
describe("YAML as kubectl prints it", () => {
  it.each([
    [
      { b: 1, a: [1, { c: "x", d: null }], e: {}, f: [] },
      "a:\n- 1\n- c: x\n  d: null\nb: 1\ne: {}\nf: []\n",
    ],
    [
      {
        a: "true",
        b: "1",
        c: "1.5",
        d: "null",
        e: "",
        f: "no",
        g: "0x1f",
        h: "10:30",
        i: "2022-11-21",
      },
      'a: "true"\nb: "1"\nc: "1.5"\nd: "null"\ne: ""\nf: "no"\ng: "0x1f"\nh: "10:30"\ni: "2022-11-21"\n',
    ],
    [
      {
        a: "2022-11-21T08:00:00Z",
        b: "10.4.3.15",
        c: "25%",
        d: "a: b",
        e: "a:b",
        f: "*",
        g: "- x",
        h: "a #b",
      },
      "a: \"2022-11-21T08:00:00Z\"\nb: 10.4.3.15\nc: 25%\nd: 'a: b'\ne: a:b\nf: '*'\ng: '- x'\nh: 'a #b'\n",
    ],
    [
      { a: "it's: so", b: "x\ty", c: " x", d: "@a", e: "[a]", f: "a]" },
      "a: 'it''s: so'\nb: \"x\\ty\"\nc: ' x'\nd: '@a'\ne: '[a]'\nf: a]\n",
    ],
    [
      { a: "one\ntwo", b: "one\n", c: "one\n\n" },
      "a: |-\n  one\n  two\nb: |\n  one\nc: |+\n  one\n\n",
    ],
    [[["a"], []], "- - a\n- []\n"],
  ])("%j", (value, text) => {
    expect(toYaml(value)).toBe(text);
  });

  it("folds what is longer than 80 columns at a space", () => {
    const text = `${"word ".repeat(20)}end`;
    expect(toYaml({ a: { message: text } })).toBe(
      `a:\n  message: ${"word ".repeat(15).trim()}\n    ${"word ".repeat(5)}end\n`,
    );
  });

  it("is read back as what it was", () => {
    // The library that reads takes a dot and an exponent without digits (".", "e0") for numbers; go-yaml does not.
    const readable = (one: string): boolean => !/^[-+]?([._]+|[._]*e[-+]?\d+)$/i.test(one);
    const text = fc.oneof(
      fc.string().filter(readable),
      fc.constantFrom("yes", "1_000", "#", "a: b", "\n", "x ", "?", "-", "---", "|", "0o7"),
    );
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        text,
        fc.integer(),
        fc.boolean(),
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(
          fc.string({ unit: "grapheme-ascii", minLength: 1 }).filter(readable),
          tie("node"),
          { maxKeys: 3, noNullPrototype: true },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(value, (v) => {
        expect(parse(toYaml({ v }), { version: "1.1" })).toEqual({ v });
      }),
    );
  });
});
