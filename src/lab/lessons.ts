import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../host/machine.ts";
import { type Fault, prove, replay } from "../lesson/run.ts";
import type { LessonSpec } from "../lesson/spec.ts";
import { builtins } from "../shell/builtin/index.ts";
import { commandNames } from "../shell/registry.ts";
import type { WorldSpec } from "../world/spec.ts";
import { World } from "../world/world.ts";
import { compileLesson } from "./compile/lesson.ts";
import { CompileError, problemText } from "./compile/problem.ts";
import { languagesOf, lessonSentences, translationOf } from "./compile/sentences.ts";
import type { Coverage, Translation } from "./compile/translation.ts";

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
  /** Its translations. */
  coverage: Coverage[];
  steps: number;
  ms: number;
}

function faultText(spec: LessonSpec, fault: Fault): string {
  const title = spec.steps[fault.step]?.title ?? "?";
  return `lessons/${spec.slug}/lesson.md: step ${fault.step + 1} “${title}”${fault.task ? `, task ${fault.task}` : ""}: ${fault.message}`;
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

/** What the prose names and is not there: machines and commands of its blocks, lessons that it links to. */
function proseProblems(spec: LessonSpec, world: World, dir: string): string[] {
  return spec.steps.flatMap((step, i) => {
    const at = `lessons/${spec.slug}/lesson.md: step ${i + 1} “${step.title}”`;
    return step.prose.flatMap((block) => {
      if (block.kind === "code" && block.at !== null) {
        const machine = world.machine(block.at);
        if (!machine) return [`${at}: there is no machine "${block.at}" in ${spec.world}`];
        return unknownCommands(machine, block.text).map(
          (name) => `${at}: ${block.at} has no command "${name}"`,
        );
      }
      if (
        block.kind === "figure" &&
        block.figure.kind === "table" &&
        !world.machine(block.figure.at)
      )
        return [`${at}: a figure's machine "${block.figure.at}" is not in ${spec.world}`];
      const texts =
        block.kind === "list"
          ? block.items.flat()
          : block.kind === "paragraph" || block.kind === "quote"
            ? block.text
            : [];
      return texts.flatMap((part) =>
        part.kind === "link" ? linkProblems(part.href, at, dir) : [],
      );
    });
  });
}

function linkProblems(href: string, at: string, dir: string): string[] {
  if (/^https:\/\/[\w.-]+\.\w+(\/|$)/.test(href)) return [];
  const [, slug = "", step = "1"] = LESSON_LINK.exec(href) ?? [];
  if (!existsSync(join(dir, slug, "lesson.md")) || slug === "")
    return [`${at}: the link "${href}" leads nowhere`];
  return Number(step) <= loadLesson(dir, slug).steps.length
    ? []
    : [`${at}: the link "${href}" names a step that "${slug}" has not`];
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

/** The translations of a lesson that there are. */
function translationsOf(dir: string, slug: string): Translation[] {
  const shown = `lessons/${slug}`;
  const source = readFileSync(join(dir, slug, "lesson.md"), "utf8");
  const sentences = lessonSentences(`${shown}/lesson.md`, slug, source);
  const place = join(dir, slug);
  return languagesOf(place).map((tag) => translationOf(place, shown, tag, sentences));
}

/** Prove a lesson; its solutions played again, without the wrong turns, must give the same trace. */
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
      return {
        slug,
        problems: error.problems.map(problemText),
        coverage: [],
        steps: 0,
        ms: took(),
      };
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
  unknown.push(...proseProblems(spec, machines, dir));
  if (unknown.length)
    return { slug, problems: unknown, coverage: [], steps: spec.steps.length, ms: took() };
  const { faults, trace } = prove(spec, machines);
  const problems = faults.map((fault) => faultText(spec, fault));
  if (trace !== replay(spec, new World(made)))
    problems.push(`lessons/${slug}/lesson.md: two runs of its solutions differ`);
  const translations = translationsOf(dir, slug);
  problems.push(...translations.flatMap((one) => one.problems().map(problemText)));
  const coverage = translations.map((one) => one.coverage);
  return { slug, problems, coverage, steps: spec.steps.length, ms: took() };
}
