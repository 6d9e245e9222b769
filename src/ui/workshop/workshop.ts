import type { Progress } from "../lesson/progress.ts";

/*
 * A workshop without a server: what its leader chose stands in a link, where a participant is in a short
 * code that they hand over.
 */

export interface Workshop {
  title: string;
  lessons: { slug: string; minutes: number }[];
}

/** Where somebody is in a workshop: for each of its lessons the step, of how many, and whether it is done. */
export interface Standing {
  name: string;
  lessons: { step: number; steps: number; done: boolean }[];
}

const CODE = "hopscope-at.";
const MOST = 100;

/** RFC 4648 §5, without padding, of UTF-8. */
function pack(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function unpack(text: string): unknown {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 10_000;

export function workshopLink(workshop: Workshop): string {
  const { title, lessons } = workshop;
  return pack([title, lessons.map(({ slug, minutes }) => [slug, minutes])]);
}

/** Null when the text says nothing that can be used. */
export function readWorkshop(text: string): Workshop | null {
  const value = unpack(text);
  if (!Array.isArray(value) || typeof value[0] !== "string" || !Array.isArray(value[1]))
    return null;
  const lessons = (value[1] as unknown[]).slice(0, MOST).flatMap((one) => {
    const [slug, minutes] = Array.isArray(one) ? (one as unknown[]) : [];
    return typeof slug === "string" && /^[\w-]+$/.test(slug) && isCount(minutes)
      ? [{ slug, minutes }]
      : [];
  });
  return lessons.length ? { title: value[0].slice(0, 200), lessons } : null;
}

/** What a participant hands over. */
export function standingCode(workshop: Workshop, progress: Progress, name: string): string {
  const lessons = workshop.lessons.map(({ slug }) => {
    const kept = progress[slug];
    return kept ? [kept.step + 1, kept.steps, kept.finished ? 1 : 0] : [0, 0, 0];
  });
  return CODE + pack([name.trim().slice(0, 80), lessons]);
}

/** Null for a line that is no such code. */
export function readStanding(line: string): Standing | null {
  const text = line.trim();
  if (!text.startsWith(CODE)) return null;
  const value = unpack(text.slice(CODE.length));
  if (!Array.isArray(value) || typeof value[0] !== "string" || !Array.isArray(value[1]))
    return null;
  const lessons = (value[1] as unknown[]).slice(0, MOST).map((one) => {
    const [step, steps, done] = Array.isArray(one) ? (one as unknown[]) : [];
    return isCount(step) && isCount(steps)
      ? { step, steps, done: done === 1 }
      : { step: 0, steps: 0, done: false };
  });
  return { name: value[0], lessons };
}

/** Standings of several people, of each the newest. */
export function standingsOf(text: string): Standing[] {
  const byName = new Map<string, Standing>();
  for (const line of text.split(/\s+/)) {
    const standing = readStanding(line);
    if (standing) byName.set(standing.name, standing);
  }
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name));
}
