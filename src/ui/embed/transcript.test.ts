import { describe, expect, it } from "vitest";
import { Transcript } from "./transcript.ts";

function shown(...texts: string[]): string[] {
  const transcript = new Transcript(20);
  for (const text of texts) transcript.write(text);
  return transcript.rows.map((_, row) =>
    transcript
      .runs(row)
      .map(({ text }) => text)
      .join(""),
  );
}

describe("a transcript", () => {
  it("goes on to the next row where a terminal does", () => {
    expect(shown("0123456789", "0123456789ab\r\nc")).toEqual(["01234567890123456789", "ab", "c"]);
  });

  it("follows a line editor that draws its line anew over two rows", () => {
    const long = "x".repeat(25);
    expect(shown(`$ ${long}`, `\x1b[1A\r\x1b[J$ ${"y".repeat(19)}`)).toEqual([
      `$ ${"y".repeat(18)}`,
      "y",
    ]);
  });

  it("keeps colours as looks, and a sequence that comes in two parts", () => {
    const transcript = new Transcript(80);
    transcript.write("a\x1b[1;3");
    transcript.write("1mb\x1b[0mc\x1b]0;title\x07d");
    expect(transcript.runs(0)).toEqual([
      { text: "a", look: "" },
      { text: "b", look: "s1 s31" },
      { text: "cd", look: "" },
    ]);
  });

  it("begins a new page when the screen is cleared, and rows keep their numbers", () => {
    const transcript = new Transcript(80);
    transcript.write("one\r\ntwo\x1b[H\x1b[2Jthree");
    expect(transcript.rows.length).toBe(1);
    expect(transcript.runs(0)).toEqual([{ text: "three", look: "" }]);
    expect(transcript.cut).toBeGreaterThan(1);
  });
});
