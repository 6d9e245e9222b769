import type { NetNs } from "../netns.ts";
import {
  HOOKS,
  type Hook,
  type MatchExtension,
  type TableName,
  type TargetExtension,
} from "./extension.ts";

/** A match as a rule holds it. */
export interface MatchInstance {
  extension: MatchExtension;
  info: unknown;
}

/** The target of a rule: an extension, a standard verdict, a jump, or nothing at all. */
export type RuleTarget =
  | { kind: "none" }
  | { kind: "verdict"; verdict: "ACCEPT" | "DROP" | "RETURN" | "QUEUE" }
  | { kind: "jump"; chain: string; goto: boolean }
  | { kind: "extension"; extension: TargetExtension; info: unknown };

/** A device name pattern: "eth+" is {name: "eth", wildcard: true}; "" matches all. */
export interface InterfaceMatch {
  name: string;
  wildcard: boolean;
  invert: boolean;
}

export const ASKS_SRC = 1;
export const ASKS_DST = 2;
export const ASKS_DEVICES = 4;
export const ASKS_PROTOCOL = 8;
export const ASKS_FRAGMENT = 16;

/** The parts of a rule's head that can fail to match at all. */
export function asksOf(rule: Rule): number {
  const named = (device: InterfaceMatch): boolean => device.name !== "" || device.wildcard;
  return (
    (rule.srcMask || rule.srcInvert ? ASKS_SRC : 0) |
    (rule.dstMask || rule.dstInvert ? ASKS_DST : 0) |
    (named(rule.in) || named(rule.out) ? ASKS_DEVICES : 0) |
    (rule.protocol ? ASKS_PROTOCOL : 0) |
    (rule.fragment !== null ? ASKS_FRAGMENT : 0)
  );
}

/** One rule (linux: struct ipt_entry). Only its counters change after it was made. */
export class Rule {
  src = 0;
  srcMask = 0;
  srcInvert = false;
  dst = 0;
  dstMask = 0;
  dstInvert = false;
  in: InterfaceMatch = { name: "", wildcard: false, invert: false };
  out: InterfaceMatch = { name: "", wildcard: false, invert: false };
  /** 0: any. */
  protocol = 0;
  protocolInvert = false;
  /** -f: only later fragments; null: not asked. */
  fragment: boolean | null = null;
  matches: MatchInstance[] = [];
  /** The first of them once more, at hand: most rules have no more than one. */
  firstMatch: MatchExtension | null = null;
  firstInfo: unknown = null;
  target: RuleTarget = { kind: "none" };
  packets = 0;
  bytes = 0;
  /** Is it in force, and in which version of its table was it seen last? (netfilter/commit.ts) */
  attached = false;
  seenIn = 0;
  /** The hooks (bits by their number) from which it could be reached when it was checked; -1: not yet. */
  hookMask = -1;
  /** What it asks of the IP header and the devices (ASKS_*): most ask little, and for every packet. */
  asks = ASKS_SRC | ASKS_DST | ASKS_DEVICES | ASKS_PROTOCOL | ASKS_FRAGMENT;
  /** Has it something that begins anew at every change of the table? */
  stateful = false;
}

export class Chain {
  name: string;
  /** Of a built-in chain; null for a user's. */
  policy: "ACCEPT" | "DROP" | null;
  rules: Rule[] = [];
  /** Counters of the policy. */
  packets = 0;
  bytes = 0;
  /** Index in the table's list: what the trace calls it. */
  index = 0;

  constructor(name: string, policy: "ACCEPT" | "DROP" | null) {
    this.name = name;
    this.policy = policy;
  }
}

/** linux: iptable_*.c, .valid_hooks; the order in which iptables-save prints chains. */
export const TABLE_HOOKS: Record<TableName, readonly Hook[]> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: HOOKS,
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

/**
 * A table at one moment. Changing a table means replacing it by a new version (as
 * IPT_SO_SET_REPLACE does): rules keep their identity and counters, the trace keeps old versions.
 */
export class Table {
  /** Unique in the world; the trace points at it. */
  id: number;
  name: TableName;
  /** Built-in chains first, in hook order, then the users' sorted by name as libiptc keeps them. */
  chains: Chain[];
  byName = new Map<string, Chain>();

  constructor(id: number, name: TableName, chains: Chain[]) {
    this.id = id;
    this.name = name;
    this.chains = chains;
    chains.forEach((chain, i) => {
      chain.index = i;
      this.byName.set(chain.name, chain);
    });
  }

  /** A table as the kernel registers it: empty chains, policy ACCEPT. */
  static empty(ns: NetNs, name: TableName): Table {
    return new Table(
      ns.kernel.ids.table++,
      name,
      TABLE_HOOKS[name].map((hook) => new Chain(hook, "ACCEPT")),
    );
  }
}
