/*
 * What a host page and a frame say to each other, over one MessagePort: plain data. The first message
 * carries the port and the version; who gets a version that it does not speak says so and stops.
 * Types only: what is shared by two bundles would be a third.
 */

/** The frame's first word to its parent, by `postMessage`: it can be spoken to now. */
export interface Hello {
  type: "hopscope:hello";
  v: 1;
}

/** The host's answer, with a port: sent to the frame's own origin. */
export interface Init {
  type: "hopscope:init";
  v: 1;
}

export type Theme = "auto" | "dark" | "light";

/** Host to frame; each is answered under its number. */
export type Call =
  /** Types lines in the terminal of `at` (a node, a pod, an app; "": the one that is shown). */
  | { type: "run"; commands: string; at: string }
  /** The same world and step again, from the first moment. */
  | { type: "reset" }
  | { type: "setTheme"; theme: Theme }
  /** Shows a moment of the past (seconds of virtual time); null: the present. */
  | { type: "seek"; seconds: number | null }
  | { type: "getState" }
  /** What getState gave, or the part after `#s=` of a link. */
  | { type: "setState"; state: string };

export type Request = Call & { id: number };

export interface Answer {
  type: "answer";
  id: number;
  /** What getState asked for; null for the rest. */
  value: string | null;
  /** Why it could not be done; null: it was. */
  error: string | null;
}

/** Frame to host: what an event of the element has as its `detail`. */
export interface Events {
  /** The world is open and its terminal is at its prompt. */
  ready: {
    world: string;
    lesson: string | null;
    /** False: the browser keeps nothing for this frame. */
    storage: boolean;
  };
  /** How high it would like to be, CSS pixels. */
  resize: { height: number };
  /** A step of a lesson began; counted from 1. */
  step: { lesson: string; step: number; steps: number; title: string };
  /** Something was typed in a step for the first time. */
  attempted: { lesson: string; step: number };
  /** A task was done. */
  passed: { lesson: string; step: number; task: string };
  /** All tasks of all steps were. */
  completed: { lesson: string };
  /** Somebody asked what is missing. */
  hint: { lesson: string; step: number; task: string };
  /** What does not work, in a sentence. */
  error: { message: string };
}

export type EventName = keyof Events;

/** What the element adds to each event's detail. */
export interface Said {
  /** xAPI's verb for it, an IRI; "" where there is none. */
  verb: string;
}

export type Event = { [N in EventName]: { type: N } & Events[N] }[EventName];
