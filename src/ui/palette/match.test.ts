import { expect, it } from "vitest";
import { fitness } from "./match.ts";

it("prefers beginnings, then words, then parts, then letters in their order", () => {
  const [begin, word, part, letters] = ["curl-6b7f", "the curl", "xcurl", "c u r l"].map((label) =>
    fitness(label, "curl"),
  ) as [number, number, number, number];
  expect(begin).toBeGreaterThan(word);
  expect(word).toBeGreaterThan(part);
  expect(part).toBeGreaterThan(letters);
  expect(letters).toBeGreaterThan(0);
});

it("wants every word that was typed, in any order", () => {
  expect(fitness("Copy link to this moment", "moment copy")).toBeGreaterThan(0);
  expect(fitness("Copy link to this moment", "copy undo")).toBe(0);
  expect(fitness("anything", "")).toBeGreaterThan(0);
});
