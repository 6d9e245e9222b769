import type { Leg, Step, StepKind } from "../../journey/story.ts";

/** A rule that matched, with what it brought about. */
export interface Entry {
  step: Step;
  /** How many jumps deep its chain is. */
  depth: number;
  effects: Step[];
  /** It changed something, or ended the packet. */
  decides: boolean;
}

/** What one table did in a hook. */
export interface Section {
  table: string;
  entries: Entry[];
  policy: Step | null;
  decides: boolean;
  /** Rules that were looked at and did not match. */
  passed: number;
}

export interface HookBlock {
  kind: "hook";
  /** Number of the trace event with which it begins. */
  n: number;
  hook: string;
  mark: string;
  connmark: string;
  /** The hook goes on after a new look-up of the route. */
  again: boolean;
  /** Tables, and what lies between them: the connection that was found, an address rewritten. */
  parts: (Section | Step)[];
  decides: boolean;
  passed: number;
}

export interface RoutingBlock {
  kind: "routing";
  rules: Step[];
  route: Step | null;
}

export interface NeighbourBlock {
  kind: "neighbour";
  ip: string;
  device: string;
  states: string[];
}

export interface PlainBlock {
  kind: "plain";
  step: Step;
}

export type Block = HookBlock | RoutingBlock | NeighbourBlock | PlainBlock;

const EFFECTS = new Set<StepKind>(["mark", "connmark", "nat", "tproxy"]);
const IN_HOOK = new Set<StepKind>([...EFFECTS, "rule", "policy", "conntrack"]);

export function isSection(part: Section | Step): part is Section {
  return "entries" in part;
}

function fact(step: Step, name: string): string {
  return String(step.facts[name] ?? "");
}

/** Builds the blocks of one namespace while its steps go by. */
class Builder {
  blocks: Block[] = [];
  hook: HookBlock | null = null;
  /** The hook that was open last: rules after a new route belong to it still. */
  lastHook: HookBlock | null = null;
  section: Section | null = null;
  /** Chains that were jumped into, in the table of the section. */
  chains: string[] = [];

  step(step: Step): void {
    if (step.kind === "hook") this.openHook(step, false);
    else if (IN_HOOK.has(step.kind)) this.inHook(step);
    else {
      this.hook = null;
      this.section = null;
      this.outside(step);
    }
  }

  openHook(step: Step, again: boolean): void {
    const { hook, mark, connmark } = step.facts;
    const block: HookBlock = {
      kind: "hook",
      n: step.n,
      hook: String(hook),
      mark: String(mark ?? "0x0"),
      connmark: String(connmark ?? "0x0"),
      again,
      parts: [],
      decides: false,
      passed: 0,
    };
    this.hook = block;
    this.lastHook = block;
    this.section = null;
    this.blocks.push(block);
  }

  inHook(step: Step): void {
    if (!this.hook) {
      const { hook = "", mark = "0x0", connmark = "0x0" } = this.lastHook ?? {};
      this.openHook({ ...step, facts: { hook, mark, connmark } }, true);
    }
    const hook = this.hook as HookBlock;
    hook.passed += step.misses.length;
    if (step.kind === "rule" || step.kind === "policy") this.inTable(hook, step);
    else this.effect(hook, step);
  }

  inTable(hook: HookBlock, step: Step): void {
    const table = fact(step, "table");
    if (this.section?.table !== table) {
      this.section = { table, entries: [], policy: null, decides: false, passed: 0 };
      this.chains = [];
      hook.parts.push(this.section);
    }
    const { section } = this;
    section.passed += step.misses.length;
    if (step.kind === "policy") {
      section.policy = step;
      this.decide(section, fact(step, "verdict") === "DROP");
      return;
    }
    const chain = fact(step, "chain");
    const known = this.chains.indexOf(chain);
    if (known >= 0) this.chains.length = known + 1;
    else this.chains.push(chain);
    const verdict = fact(step, "verdict");
    const decides = verdict === "DROP" || verdict === "STOLEN";
    section.entries.push({ step, depth: this.chains.length - 1, effects: [], decides });
    this.decide(section, decides);
  }

  decide(section: Section, decides: boolean): void {
    if (!decides) return;
    section.decides = true;
    if (this.hook) this.hook.decides = true;
  }

  /** A change is the doing of the rule before it, where there is one. */
  effect(hook: HookBlock, step: Step): void {
    const entry = this.section?.entries.at(-1);
    if (EFFECTS.has(step.kind) && this.section && entry && !this.section.policy) {
      entry.effects.push(step);
      entry.decides = true;
      this.decide(this.section, true);
      return;
    }
    hook.parts.push(step);
    this.section = null;
    if (EFFECTS.has(step.kind)) hook.decides = true;
  }

  outside(step: Step): void {
    const last = this.blocks.at(-1);
    if (step.kind === "iprule" || step.kind === "route") {
      const open = last?.kind === "routing" && !last.route ? last : null;
      const block: RoutingBlock = open ?? { kind: "routing", rules: [], route: null };
      if (!open) this.blocks.push(block);
      if (step.kind === "iprule") block.rules.push(step);
      else block.route = step;
    } else if (step.kind === "neigh") {
      const ip = fact(step, "ip");
      if (last?.kind === "neighbour" && last.ip === ip) last.states.push(fact(step, "what"));
      else
        this.blocks.push({
          kind: "neighbour",
          ip,
          device: fact(step, "device"),
          states: [fact(step, "what")],
        });
    } else {
      // What a hook let fall was decided there.
      if (step.kind === "drop" && last?.kind === "hook") last.decides = true;
      this.blocks.push({ kind: "plain", step });
    }
  }
}

/** The steps of a leg, as a person tells them: hooks with their tables, the routing, the ends. */
export function blocksOf(leg: Leg): Block[] {
  const builder = new Builder();
  for (const step of leg.steps) builder.step(step);
  return builder.blocks;
}

export interface RuleWords {
  matches: string;
  target: string;
  comment: string;
}

/** A rule as `iptables -S` prints it, taken apart: what it asks for, what it does, why it is there. */
export function ruleWords(text: string): RuleWords {
  let rest = text.replace(/^-[AP] \S+ ?/, "");
  let comment = "";
  rest = rest.replace(/-m comment --comment (?:"((?:[^"\\]|\\.)*)"|(\S+)) ?/, (_, quoted, bare) => {
    comment = (quoted ?? bare ?? "").replace(/\\(.)/g, "$1");
    return "";
  });
  const jump = rest.search(/(?:^| )-[jg] /);
  const matches = (jump < 0 ? rest : rest.slice(0, jump)).trim();
  const target = jump < 0 ? "" : rest.slice(jump).trim();
  return { matches, target, comment };
}
