import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, prove } from "../lesson/run.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { compileLesson } from "./compile/lesson.ts";
import { CompileError, problemText } from "./compile/problem.ts";

/** Slugs of the lessons in a folder: each a folder with a lesson.md. */
export function lessonSlugs(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, "lesson.md")))
    .sort();
}

export function loadLesson(dir: string, slug: string): LessonSpec {
  const file = join(dir, slug, "lesson.md");
  return compileLesson(`lessons/${slug}/lesson.md`, slug, readFileSync(file, "utf8"));
}

/** What the proof of one lesson says: its faults, in an author's terms. */
export interface Proof {
  slug: string;
  problems: string[];
  steps: number;
  ms: number;
}

function faultText(spec: LessonSpec, fault: Fault): string {
  const title = spec.steps[fault.step]?.title ?? "?";
  return `lessons/${spec.slug}/lesson.md: step ${fault.step + 1} “${title}”${fault.task ? `, task ${fault.task}` : ""}: ${fault.message}`;
}

/** Prove a lesson twice: the second run must give the same trace. */
export function proveLesson(dir: string, slug: string, world: (name: string) => WorldSpec): Proof {
  const start = performance.now();
  const took = (): number => Math.round(performance.now() - start);
  let spec: LessonSpec;
  let made: WorldSpec;
  try {
    spec = loadLesson(dir, slug);
    made = world(spec.world);
  } catch (error) {
    if (error instanceof CompileError)
      return { slug, problems: error.problems.map(problemText), steps: 0, ms: took() };
    throw error;
  }
  const machines = new World(made);
  const unknown = spec.steps.flatMap((step, i) =>
    [step.at, ...step.solution.map((c) => c.at), ...step.wrong.map((c) => c.at)]
      .filter((name) => !machines.machine(name))
      .map(
        (name) =>
          `lessons/${slug}/lesson.md: step ${i + 1} “${step.title}”: there is no machine "${name}" in ${spec.world}`,
      ),
  );
  if (unknown.length) return { slug, problems: unknown, steps: spec.steps.length, ms: took() };
  const first = prove(spec, () => new World(made));
  const second = prove(spec, () => new World(made));
  const problems = first.faults.map((fault) => faultText(spec, fault));
  if (first.trace !== second.trace)
    problems.push(`lessons/${slug}/lesson.md: two runs of its solutions differ`);
  return { slug, problems, steps: spec.steps.length, ms: took() };
}
