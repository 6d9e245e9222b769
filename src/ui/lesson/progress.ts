/** How far somebody has come in a lesson. */
export interface Kept {
  /** The step that was open. */
  step: number;
  steps: number;
  /** "step/task" of everything that passed. */
  passed: string[];
  finished: boolean;
  /** When it changed last, ms since 1970. */
  at: number;
}

/** By slug. */
export type Progress = Record<string, Kept>;

const FORMAT = "hopscope-progress-1";

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const { step, steps, passed, finished, at } = value as Record<string, unknown>;
  return (
    Number.isInteger(step) &&
    Number.isInteger(steps) &&
    typeof finished === "boolean" &&
    typeof at === "number" &&
    Array.isArray(passed) &&
    passed.every((one) => typeof one === "string" && /^\d+\/./.test(one))
  );
}

/** What of it can be used: the browser's storage and files may hold anything. */
export function progressOf(value: unknown): Progress {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, Kept] => /^[\w-]+$/.test(entry[0]) && isKept(entry[1]),
    ),
  );
}

/** Of two, what has come farther counts. */
export function merged(mine: Progress, other: Progress): Progress {
  const all: Progress = { ...mine };
  for (const [slug, theirs] of Object.entries(other)) {
    const own = mine[slug];
    all[slug] = own
      ? {
          ...(theirs.at > own.at ? theirs : own),
          passed: [...new Set([...own.passed, ...theirs.passed])],
          finished: own.finished || theirs.finished,
        }
      : theirs;
  }
  return all;
}

export function progressFile(progress: Progress): string {
  return `${JSON.stringify({ format: FORMAT, lessons: progress }, null, 2)}\n`;
}

/** Null when the text is no such file. */
export function readProgress(text: string): Progress | null {
  try {
    const value = JSON.parse(text) as { format?: unknown; lessons?: unknown } | null;
    return value?.format === FORMAT ? progressOf(value.lessons) : null;
  } catch {
    return null;
  }
}
