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

/** Something to do, or a question: one of `check` and `ask` is there. */
export interface TaskSpec {
  id: string;
  text: Inline[];
  check: Check | null;
  ask: Ask | null;
  /** How to go about it, one at a time; shown after what is wrong. */
  hints: Inline[][];
  nudges: Nudge[];
}

/** What to say to who took a common wrong turn, in place of what the check says. */
export interface Nudge {
  when: Check;
  say: string;
}

/** A question, and how it is answered. */
export type Ask =
  | { kind: "type"; answers: string[] }
  | { kind: "choose"; options: OptionSpec[] }
  /** By opening a packet among the journeys. */
  | { kind: "packet"; want: JourneyWant }
  /** By a click on a line of the tables that has this text. */
  | { kind: "row"; text: string };

export interface OptionSpec {
  text: Inline[];
  right: boolean;
  /** Why not, or why; "" for nothing. */
  say: string;
}

/** What somebody expects before they run it; revealed when the task has passed. Nothing depends on it. */
export interface PredictionSpec {
  /** Its place among the step's, from 0. */
  id: number;
  text: Inline[];
  options: OptionSpec[];
  reveal: string;
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
  /** What it leaves has to be taken back, or the step begun anew, before the solution helps. */
  dead: boolean;
}

/** Prose: shown as text, never as HTML. */
export type Block =
  | { kind: "paragraph"; text: Inline[] }
  /** Within a step: 3 is the highest, as its author writes it. */
  | { kind: "heading"; level: number; text: Inline[] }
  /** `at`: the machine on which a button types it. */
  | { kind: "code"; text: string; at: string | null }
  /** `start`: the first number; null: none. `loose`: with space between its items. */
  | { kind: "list"; start: number | null; loose: boolean; items: Block[][] }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "table"; align: CellAlign[]; head: Inline[][]; rows: Inline[][][] }
  /** From side to side: something else follows. */
  | { kind: "line" }
  | { kind: "figure"; figure: FigureSpec; caption: string }
  | { kind: "prediction"; prediction: PredictionSpec };

/** How the cells of a column stand; null: as the page has it. */
export type CellAlign = "left" | "center" | "right" | null;

/** A figure is drawn from the machines as they are, when somebody reads the step. */
export type FigureSpec =
  /** Lines of a table that have this text; in a namespace that `ip netns` knows there, or the machine's own (""). */
  | { kind: "table"; at: string; namespace: string; topic: string; text: string }
  /** The way of the newest packet that fits. */
  | { kind: "journey"; want: JourneyWant }
  /**
   * The headers of the newest packet that fits and that a device of this name saw, as it saw it; "": any. In
   * the namespace as a table's, or in any when `at` is "".
   */
  | { kind: "header"; want: JourneyWant; at: string; namespace: string; device: string };

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong"; parts: Inline[] }
  | { kind: "em"; parts: Inline[] }
  | { kind: "del"; parts: Inline[] }
  /** `title`: what is shown when it is pointed at; "": nothing. */
  | { kind: "link"; parts: Inline[]; href: string; title: string }
  /** The line ends here. */
  | { kind: "break" }
  /** What goes before it was translated from other words than these. */
  | { kind: "stale"; english: Inline[] };

/** What must have happened. Looked for in what happened since the step began, never in what was typed. */
export type Check =
  | { kind: "all"; of: Check[] }
  | { kind: "any"; of: Check[] }
  | { kind: "not"; of: Check }
  /** Each holds, by what happened after the one before it did. */
  | { kind: "after"; of: Check[] }
  /** A command that only looks would print this now. */
  | { kind: "output"; at: string; run: string; text: string }
  /** A command line with this text has ended so in a terminal. */
  | { kind: "status"; at: string; run: string; equals: number }
  /** A line of a pod's log has all of this. */
  | { kind: "logged"; of: string; text: string[] }
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
  /** The table of netfilter that the chain or the rule is in. */
  in: string | null;
  rule: string | null;
  mark: string | null;
  priority: number | null;
  table: string | null;
  vni: number | null;
  nat: string | null;
  socket: string | null;
}

/** A lesson that its author has saved: as it is now, or what is wrong with it. */
export interface LessonNews {
  slug: string;
  spec: LessonSpec | null;
  problems: string[];
}
