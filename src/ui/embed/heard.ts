import type { Request } from "../../embed/protocol.ts";

/** Longer text than this (characters) is nobody's commands or state. */
const LONGEST = 1_000_000;

type Fits = (value: unknown) => boolean;

const isText: Fits = (value) => typeof value === "string" && value.length <= LONGEST;

/** What each call carries besides its number, and what that has to be. */
const ARGUMENTS: Readonly<Record<Request["type"], Readonly<Record<string, [Fits, string]>>>> = {
  run: { commands: [isText, "text"], at: [isText, "text"] },
  reset: {},
  setTheme: {
    theme: [(value) => value === "auto" || value === "dark" || value === "light", "a theme"],
  },
  seek: {
    seconds: [
      (value) => value === null || (Number.isFinite(value) && (value as number) >= 0),
      "a number of seconds, or null",
    ],
  },
  getState: {},
  setState: { state: [isText, "text"] },
};

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

/** The host's first message; whether its version is spoken here is another question. */
export function initOf(data: unknown): { v: unknown } | null {
  return isObject(data) && data.type === "hopscope:init" ? { v: data.v } : null;
}

/** The number under which a call wants to be answered; null: it is no call. */
export function numberOf(data: unknown): number | null {
  return isObject(data) && Number.isSafeInteger(data.id) ? (data.id as number) : null;
}

/** A call as it may be acted on, without whatever else came along; or what is wrong with it. */
export function requestOf(data: unknown): Request | string {
  if (!isObject(data) || typeof data.type !== "string" || !Object.hasOwn(ARGUMENTS, data.type))
    return `There is no call “${isObject(data) ? String(data.type).slice(0, 40) : typeof data}”.`;
  const request: Record<string, unknown> = { type: data.type, id: data.id };
  for (const [name, [fits, what]] of Object.entries(ARGUMENTS[data.type as Request["type"]])) {
    if (!fits(data[name])) return `The call “${data.type}” needs ${what} as its “${name}”.`;
    request[name] = data[name];
  }
  return request as unknown as Request;
}

/** Says once that something makes no sense: whoever says it may say it a thousand times. */
export class Grumbler {
  has = false;

  say(what: string): void {
    if (this.has) return;
    this.has = true;
    console.warn(`Hopscope ignores a message of its host page that makes no sense: ${what}`);
  }
}
