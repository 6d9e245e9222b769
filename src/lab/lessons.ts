import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../host/machine.ts";
import { everyBlock } from "../lesson/blocks.ts";
import { dawdle, type Fault, prove, replay } from "../lesson/proof.ts";
import type { LessonSpec, StepSpec } from "../lesson/spec.ts";
import { builtins } from "../shell/builtin/index.ts";
import { commandNames } from "../shell/registry.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { compileLesson, type Places } from "./compile/lesson.ts";
import { CompileError, NoWorld, problemText } from "./compile/problem.ts";
import { languagesOf, lessonSentences, translationOf } from "./compile/sentences.ts";
import type { Coverage } from "./compile/translation.ts";

/** Slugs of the lessons in a folder: each a folder with a lesson.md. */
export function lessonSlugs(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, "lesson.md")))
    .sort();
}

/** A lesson of a folder of lessons; into `places` goes where its parts stand. Throws CompileError. */
export function loadLesson(dir: string, slug: string, places: Places = new Map()): LessonSpec {
  const source = readFileSync(join(dir, slug, "lesson.md"), "utf8");
  return compileLesson(shownAs(slug), slug, source, undefined, places);
}

function shownAs(slug: string): string {
  return `lessons/${slug}/lesson.md`;
}

/** What the proof of one lesson says: its faults, in an author's terms. */
export interface Proof {
  slug: string;
  problems: string[];
  /** Its translations. */
  coverage: Coverage[];
  steps: number;
  ms: number;
}

/** A lesson while it is proven. */
interface Proven {
  dir: string;
  spec: LessonSpec;
  places: Places;
  world: World;
}

/** "lessons/first/lesson.md:12: step 2 “A wrong answer”, task mended: …": where `part` stands. */
function told(
  { spec, places }: Proven,
  index: number,
  part: object | undefined,
  task: string,
  message: string,
): string {
  const step = spec.steps[index];
  const line = places.get(part ?? {}) ?? places.get(step ?? {}) ?? 1;
  const what = `step ${index + 1} “${step?.title ?? "?"}”${task ? `, task ${task}` : ""}`;
  return `${shownAs(spec.slug)}:${line}: ${what}: ${message}`;
}

function faultText(proven: Proven, { step, task, message, about }: Fault): string {
  const part = about ?? proven.spec.steps[step]?.tasks.find(({ id }) => id === task);
  return told(proven, step, part, task, message);
}

/** Words that begin a line of the shell and are no command. */
const KEYWORDS = [
  "for",
  "while",
  "until",
  "if",
  "case",
  "do",
  "done",
  "then",
  "else",
  "fi",
  "esac",
];
const LESSON_LINK = /^\?lesson=([\w-]+)(?:&step=(\d+))?$/;

/** What a step names and is not there: its machines, those of its prose, commands, links. */
function namesProblems(proven: Proven, index: number): string[] {
  const { spec, world, places } = proven;
  const step = spec.steps[index] as StepSpec;
  const say = (part: object, message: string): string => told(proven, index, part, "", message);
  const absent = (name: string): string => `there is no machine "${name}" in ${spec.world}`;
  const machines = [step, ...step.solution, ...step.wrong]
    .filter(({ at }) => !world.machine(at))
    .map((part) => say(part, absent(part.at)));
  const prose = [...everyBlock(step.prose)].flatMap((block) => {
    if (block.kind === "code" && block.at !== null) {
      const machine = world.machine(block.at);
      if (!machine) return [say(block, absent(block.at))];
      return unknownCommands(machine, block.text).map((name) =>
        say(block, `${block.at} has no command "${name}"`),
      );
    }
    if (block.kind !== "figure" || block.figure.kind === "journey") return [];
    const { at } = block.figure;
    if (at === "" || world.machine(at)) return [];
    return [say(block, `a figure's machine "${at}" is not in ${spec.world}`)];
  });
  const links = linksOf(step, step, places).flatMap(({ href, place }) =>
    linkProblems(href, proven).map((message) => say(place, message)),
  );
  return [...machines, ...prose, ...links];
}

interface Link {
  href: string;
  /** What it stands in, or itself: the nearest part whose line is known. */
  place: object;
}

/** Every link of a part of a lesson, in whichever sentence of it. */
function linksOf(part: unknown, above: object, places: Places): Link[] {
  if (typeof part !== "object" || part === null) return [];
  const place = places.has(part) ? part : above;
  const { kind, href } = part as { kind?: unknown; href?: unknown };
  if (kind === "link" && typeof href === "string") return [{ href, place }];
  return Object.values(part).flatMap((inner) => linksOf(inner, place, places));
}

function linkProblems(href: string, { dir, spec }: Proven): string[] {
  if (/^https:\/\/[\w.-]+\.\w+(\/|$)/.test(href)) return [];
  const [, slug = "", step = "1"] = LESSON_LINK.exec(href) ?? [];
  if (!existsSync(join(dir, slug, "lesson.md")) || slug === "")
    return [`the link "${href}" leads nowhere`];
  const steps = slug === spec.slug ? spec.steps.length : stepsOf(dir, slug);
  return steps === null || Number(step) <= steps
    ? []
    : [`the link "${href}" names a step that "${slug}" has not`];
}

/** How many steps another lesson has; null when it does not compile, which its own proof says. */
function stepsOf(dir: string, slug: string): number | null {
  try {
    return loadLesson(dir, slug).steps.length;
  } catch (error) {
    if (error instanceof CompileError) return null;
    throw error;
  }
}

/** First words of the lines of a block that are no command here. */
function unknownCommands(machine: Machine, text: string): string[] {
  const names = new Set([...commandNames(), ...KEYWORDS]);
  const lines = text.replace(/\\\n/g, " ").split("\n");
  return lines.flatMap((line) => {
    const [word = ""] = line.trim().split(/[\s;|&]+/);
    if (!/^[a-z][\w.-]*$/.test(word) || names.has(word) || builtins.get(word)) return [];
    return machine.fs.exists(`/usr/local/bin/${word}`) ? [] : [word];
  });
}

/** How far the translations of a lesson have come, and what is wrong with them. */
function translationsOf(dir: string, slug: string): Pick<Proof, "problems" | "coverage"> {
  const source = readFileSync(join(dir, slug, "lesson.md"), "utf8");
  const sentences = lessonSentences(shownAs(slug), slug, source);
  const place = join(dir, slug);
  const found: Pick<Proof, "problems" | "coverage"> = { problems: [], coverage: [] };
  for (const tag of languagesOf(place)) {
    try {
      const translation = translationOf(place, `lessons/${slug}`, tag, sentences);
      found.problems.push(...translation.problems().map(problemText));
      compileLesson(shownAs(slug), slug, source, translation);
      found.coverage.push(translation.coverage);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      found.problems.push(...error.problems.map(problemText));
    }
  }
  return found;
}

/** Prove a lesson; its solutions played again, without the wrong turns, must give the same trace. */
export function proveLesson(dir: string, slug: string, world: (name: string) => WorldSpec): Proof {
  const start = performance.now();
  const proof: Proof = { slug, problems: [], coverage: [], steps: 0, ms: 0 };
  const places: Places = new Map();
  try {
    const spec = loadLesson(dir, slug, places);
    proof.steps = spec.steps.length;
    examine(proof, { dir, spec, places }, made(spec, places, world));
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    proof.problems.push(...error.problems.map(problemText));
  }
  return { ...proof, ms: Math.round(performance.now() - start) };
}

/** The world of a lesson. Throws CompileError. */
function made(spec: LessonSpec, places: Places, world: (name: string) => WorldSpec): WorldSpec {
  try {
    return world(spec.world);
  } catch (error) {
    if (!(error instanceof NoWorld)) throw error;
    throw error.on(shownAs(spec.slug), places.get(spec) ?? 1);
  }
}

/** Into `proof` goes what a run of the lesson finds. */
function examine(proof: Proof, lesson: Omit<Proven, "world">, made: WorldSpec): void {
  const { dir, spec } = lesson;
  const proven: Proven = { ...lesson, world: new World(made) };
  proof.problems.push(...spec.steps.flatMap((_step, index) => namesProblems(proven, index)));
  if (proof.problems.length) return;
  const { faults, trace } = prove(spec, proven.world);
  proof.problems.push(...faults.map((fault) => faultText(proven, fault)));
  if (!faults.length)
    proof.problems.push(...dawdle(spec, new World(made)).map((fault) => faultText(proven, fault)));
  if (trace !== replay(spec, new World(made)))
    proof.problems.push(`${shownAs(spec.slug)}:1: two runs of its solutions differ`);
  const { problems, coverage } = translationsOf(dir, spec.slug);
  proof.problems.push(...problems);
  proof.coverage = coverage;
}
