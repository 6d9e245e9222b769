/** A lesson as data: compiled from lessons/SLUG/lesson.md, checked, with its prose as a tree. */
export interface LessonSpec {
  slug: string;
  title: string;
  summary: string;
  world: string;
  minutes: number;
  /** Its place in the list: lower first. */
  order: number;
  steps: StepSpec[];
}

export interface StepSpec {
  title: string;
  prose: Block[];
  /** The machine whose terminal is meant. */
  at: string;
  /** What must hold before the step's tasks make sense comes from the solutions of those before it. */
  tasks: TaskSpec[];
  solution: CommandSpec[];
  wrong: WrongSpec[];
}

export interface TaskSpec {
  id: string;
  text: Inline[];
  check: Check;
  /** How to go about it; shown after what is wrong. */
  hint: string;
}

export interface CommandSpec {
  at: string;
  run: string;
}

/** A wrong turn that people take, and the words that must meet them. */
export interface WrongSpec extends CommandSpec {
  task: string;
  /** Part of what the task then says is wrong. */
  says: string;
}

/** Prose: shown as text, never as HTML. */
export type Block =
  | { kind: "paragraph"; text: Inline[] }
  | { kind: "code"; text: string; at: string | null }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "quote"; text: Inline[] };

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong"; text: string }
  | { kind: "em"; text: string }
  | { kind: "link"; text: string; href: string };

/** What must have happened. Looked for in what happened since the step began, never in what was typed. */
export type Check =
  | { kind: "all"; of: Check[] }
  | { kind: "any"; of: Check[] }
  | { kind: "not"; of: Check }
  | { kind: "journey"; want: JourneyWant }
  | { kind: "shown"; at: string; text: string }
  | { kind: "rule"; at: string; table: string; chain: string; text: string; exists: boolean }
  | { kind: "route"; at: string; table: number; to: string; exists: boolean }
  | { kind: "member"; at: string; set: string; entry: string; exists: boolean }
  | {
      kind: "object";
      of: string;
      name: string;
      namespace: string;
      field: string;
      equals: string | null;
    };

/** A packet that went such a way. */
export interface JourneyWant {
  protocol: string | null;
  src: string | null;
  dst: string | null;
  port: number | null;
  /** "SYN", "SYN,ACK", "echo request". */
  what: string | null;
  /** Each must be found in the packet's steps, in this order. */
  crosses: StepWant[];
  /** None may be found. */
  avoids: StepWant[];
  /** Its end. */
  end: "delivered" | "dropped" | null;
  reason: string | null;
}

/** One step of a packet's way: every field given must fit. */
export interface StepWant {
  namespace: string | null;
  device: string | null;
  hook: string | null;
  chain: string | null;
  rule: string | null;
  mark: string | null;
  priority: number | null;
  table: string | null;
  vni: number | null;
  nat: string | null;
  socket: string | null;
}
