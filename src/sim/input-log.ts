/**
 * What was done to a world: with its file and seed, this is the whole of its state. The save file,
 * the link, the way back and the bug report are all this.
 */
export interface InputLog {
  /** The engine that wrote it: another may number events otherwise. */
  version: string;
  world: string;
  seed: number;
  entries: InputEntry[];
}

export interface InputEntry {
  /** Virtual time, ns, and the number of events run before it: both, so that a replay is exact. */
  at: number;
  steps: number;
  input: Input;
}

export type Input =
  | { kind: "open"; terminal: number; machine: string; rows: number; columns: number }
  | { kind: "close"; terminal: number }
  | { kind: "type"; terminal: number; text: string }
  | { kind: "resize"; terminal: number; rows: number; columns: number }
  | { kind: "write"; machine: string; path: string; text: string }
  | {
      kind: "inject";
      /** Numbers of the namespace and of the device that it comes in by; 0: it is made there. */
      ns: number;
      ifindex: number;
      protocol: string;
      /** Addresses in host order. */
      src: number;
      dst: number;
      srcPort: number;
      dstPort: number;
      mark: number;
    }
  | { kind: "answer"; request: number; answer: "saved" | "closed" }
  /** A lesson was opened at a step ("": it was closed); another step; a question was answered (as JSON). Machines do not notice. */
  | { kind: "lesson"; slug: string; step: number }
  | { kind: "step"; step: number }
  | { kind: "reply"; task: string; answer: string };

export const ENGINE_VERSION = "0.1.0";

/** The lesson that was open when a log ended; "" for none. */
export function lessonOf(log: InputLog): string {
  const last = log.entries.findLast(({ input }) => input.kind === "lesson")?.input;
  return last?.kind === "lesson" ? last.slug : "";
}
