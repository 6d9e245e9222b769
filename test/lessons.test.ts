import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileWorld } from "../src/lab/compile/world.ts";
import { lessonSlugs, proveLesson } from "../src/lab/lessons.ts";

const lessons = join(import.meta.dirname, "../lessons");

function world(name: string) {
  const file = `worlds/${name}.yaml`;
  return compileWorld(`lessons/${file}`, name, readFileSync(join(lessons, file), "utf8"));
}

/** What `hopscope lessons` proves: each step's start fails, its solution passes, wrong turns get their hints. */
describe("every lesson holds", () => {
  it.each(lessonSlugs(lessons))(
    "%s",
    (slug) => {
      const proof = proveLesson(lessons, slug, world);
      expect(proof.problems).toEqual([]);
      expect(proof.steps).toBeGreaterThan(0);
    },
    60_000,
  );
});
