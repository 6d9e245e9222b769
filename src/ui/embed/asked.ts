import type { Theme } from "../../embed/protocol.ts";

/** What can be shown; journeys and tables share a place. */
export type View = "lesson" | "terminal" | "map" | "journey" | "tables";

const VIEWS: readonly View[] = ["lesson", "terminal", "map", "journey", "tables"];

/** A line to be typed, and where; "": in the terminal that is shown. */
export interface Line {
  at: string;
  command: string;
}

/** What a frame's address asks for. */
export interface Asked {
  lesson: string | null;
  /** Counted from 0. */
  step: number;
  world: string | null;
  views: View[];
  run: Line[];
  seed: number | null;
  theme: Theme;
  readonly: boolean;
  /** The origin whose page may speak to the frame; null: nobody's. */
  host: string | null;
  /** What was done already, as a link has it. */
  state: string | null;
}

export function themeOf(text: string | null): Theme {
  return text === "dark" || text === "light" ? text : "auto";
}

/** Lines of a script: `HOST# COMMAND` or `HOST$ COMMAND` is for that host's terminal, others for `at`. */
export function linesOf(text: string, at: string): Line[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const named = /^([\w.-]+)[#$] (.+)$/.exec(line);
      return named ? { at: named[1] ?? "", command: named[2] ?? "" } : { at, command: line };
    });
}

/** Views by their names; unknown ones are left out, none at all gives what suits most pages. */
function viewsOf(text: string | null, hasLesson: boolean): View[] {
  const words = (text ?? "").split(/[\s,+]+/);
  const named = words.filter((word): word is View => VIEWS.includes(word as View));
  const views = [...new Set(named)];
  if (views.length) return views;
  return hasLesson ? ["lesson", "terminal"] : ["terminal", "journey"];
}

export function askedOf(query: URLSearchParams, hash: string): Asked {
  const lesson = query.get("lesson") || null;
  const number = (name: string): number => Number.parseInt(query.get(name) ?? "", 10);
  const seed = number("seed");
  const readonly = query.get("readonly");
  return {
    lesson,
    step: Math.max(0, (number("step") || 1) - 1),
    world: query.get("world") || null,
    views: viewsOf(query.get("view"), lesson !== null),
    run: linesOf(query.get("run") ?? "", query.get("at") ?? ""),
    seed: seed >= 0 ? seed : null,
    theme: themeOf(query.get("theme")),
    readonly: readonly !== null && readonly !== "false",
    host: query.get("host"),
    state: new URLSearchParams(hash.slice(1)).get("s"),
  };
}
