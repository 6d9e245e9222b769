import { CommitError, checkTable, commitTable } from "../../../net/netfilter/commit.ts";
import type { TableName } from "../../../net/netfilter/extension.ts";
import { Chain, Rule, TABLE_HOOKS, Table } from "../../../net/netfilter/table.ts";
import type { NetNs } from "../../../net/netns.ts";
import { sameRule } from "./same.ts";

/**
 * What was being done when it failed: the same errno has other words for each (libiptc:
 * TC_STRERROR). Words that the real tool has but never gets to say are not here.
 */
export type Operation =
  | "append"
  | "insert"
  | "replace"
  | "delete"
  | "delete-number"
  | "flush"
  | "zero"
  | "zero-number"
  | "create"
  | "delete-chain"
  | "rename"
  | "policy"
  | "list"
  | "commit";

export type IptcErrno = "ENOENT" | "EINVAL" | "E2BIG" | "EEXIST" | "ENOTEMPTY" | "EMLINK" | "ELOOP";

const SPECIAL: Partial<Record<`${Operation} ${IptcErrno}`, string>> = {
  "create EEXIST": "Chain already exists",
  "insert E2BIG": "Index of insertion too big",
  "replace E2BIG": "Index of replacement too big",
  "delete-number E2BIG": "Index of deletion too big",
  "zero-number E2BIG": "Index of counter too big",
  "delete ENOENT": "Bad rule (does a matching rule exist in that chain?)",
  "policy ENOENT": "Bad built-in chain name",
  "policy EINVAL": "Bad policy name",
};
const GENERAL: Record<IptcErrno, string> = {
  ENOENT: "No chain/target/match by that name",
  EINVAL: "Invalid argument",
  E2BIG: "Argument list too long",
  EEXIST: "File exists",
  ENOTEMPTY: "Directory not empty",
  EMLINK: "Too many links",
  ELOOP: "Too many levels of symbolic links",
};

export class IptcError extends Error {
  operation: Operation;
  errno: IptcErrno;

  constructor(operation: Operation, errno: IptcErrno) {
    super(SPECIAL[`${operation} ${errno}`] ?? GENERAL[errno]);
    this.operation = operation;
    this.errno = errno;
  }
}

interface Counters {
  packets: number;
  bytes: number;
}

/** A chain while it is edited. */
export class DraftChain {
  name: string;
  policy: "ACCEPT" | "DROP" | null;
  rules: Rule[];
  /** What the policy's counters become; null: nothing was said about them. */
  counters: Counters | null = null;

  constructor(name: string, policy: "ACCEPT" | "DROP" | null, rules: Rule[]) {
    this.name = name;
    this.policy = policy;
    this.rules = rules;
  }
}

const VERDICTS = ["ACCEPT", "DROP", "QUEUE", "RETURN"];

/** strcmp: the order of users' chains. */
function before(a: string, b: string): boolean {
  return a < b;
}

/** A table as a user's program edits it before the kernel gets it (libiptc: struct xtc_handle). */
export class TableHandle {
  ns: NetNs;
  name: TableName;
  chains: DraftChain[];
  byName = new Map<string, DraftChain>();
  changed = false;
  zeroed: Rule[] = [];

  constructor(ns: NetNs, name: TableName) {
    this.ns = ns;
    this.name = name;
    this.chains = ns.netfilter
      .table(name)
      .chains.map((chain) => new DraftChain(chain.name, chain.policy, chain.rules.slice()));
    for (const chain of this.chains) this.byName.set(chain.name, chain);
  }

  /** A handle on a table that the kernel has, or can make (libiptc: iptc_init); null when not. */
  static open(ns: NetNs, name: string): TableHandle | null {
    return Object.hasOwn(TABLE_HOOKS, name) ? new TableHandle(ns, name as TableName) : null;
  }

  isChain(name: string): boolean {
    return this.byName.has(name);
  }

  isBuiltin(name: string): boolean {
    return (this.byName.get(name)?.policy ?? null) !== null;
  }

  chain(name: string, operation: Operation): DraftChain {
    const chain = this.byName.get(name);
    if (!chain) throw new IptcError(operation, "ENOENT");
    return chain;
  }

  /** How many rules jump here. */
  references(name: string): number {
    let count = 0;
    for (const chain of this.chains)
      for (const { target } of chain.rules)
        if (target.kind === "jump" && target.chain === name) count++;
    return count;
  }

  /** A jump goes to a user's chain only (libiptc: iptcc_map_target). */
  mapTarget(rule: Rule, operation: Operation): void {
    if (rule.target.kind !== "jump") return;
    if (this.isBuiltin(rule.target.chain)) throw new IptcError(operation, "EINVAL");
    if (!this.isChain(rule.target.chain)) throw new IptcError(operation, "ENOENT");
  }

  append(name: string, rule: Rule): void {
    const chain = this.chain(name, "append");
    this.mapTarget(rule, "append");
    chain.rules.push(rule);
    this.changed = true;
  }

  insert(name: string, rule: Rule, index: number): void {
    const chain = this.chain(name, "insert");
    if (index > chain.rules.length) throw new IptcError("insert", "E2BIG");
    this.mapTarget(rule, "insert");
    chain.rules.splice(index, 0, rule);
    this.changed = true;
  }

  replace(name: string, rule: Rule, index: number): void {
    const chain = this.chain(name, "replace");
    if (index >= chain.rules.length) throw new IptcError("replace", "E2BIG");
    this.mapTarget(rule, "replace");
    chain.rules[index] = rule;
    this.changed = true;
  }

  /** The place of the first rule like this one. */
  find(name: string, rule: Rule): number {
    const chain = this.chain(name, "delete");
    this.mapTarget(rule, "delete");
    const index = chain.rules.findIndex((other) => sameRule(rule, other));
    if (index < 0) throw new IptcError("delete", "ENOENT");
    return index;
  }

  delete(name: string, rule: Rule): void {
    const index = this.find(name, rule);
    this.chain(name, "delete").rules.splice(index, 1);
    this.changed = true;
  }

  deleteNumber(name: string, index: number): void {
    const chain = this.chain(name, "delete-number");
    if (index >= chain.rules.length) throw new IptcError("delete-number", "E2BIG");
    chain.rules.splice(index, 1);
    this.changed = true;
  }

  flush(name: string): void {
    this.chain(name, "flush").rules = [];
    this.changed = true;
  }

  zero(name: string): void {
    const chain = this.chain(name, "zero");
    if (chain.policy) chain.counters = { packets: 0, bytes: 0 };
    this.zeroed.push(...chain.rules);
    this.changed = true;
  }

  zeroNumber(name: string, number: number): void {
    const rule = this.chain(name, "zero-number").rules[number - 1];
    if (!rule) throw new IptcError("zero-number", "E2BIG");
    this.zeroed.push(rule);
    this.changed = true;
  }

  /** Users' chains stay sorted by name, after the built-in ones. */
  place(chain: DraftChain): void {
    let at = this.chains.length;
    while (at > 0) {
      const above = this.chains[at - 1] as DraftChain;
      if (above.policy !== null || before(above.name, chain.name)) break;
      at--;
    }
    this.chains.splice(at, 0, chain);
    this.byName.set(chain.name, chain);
    this.changed = true;
  }

  create(name: string): void {
    if (this.isChain(name) || VERDICTS.includes(name)) throw new IptcError("create", "EEXIST");
    this.place(new DraftChain(name, null, []));
  }

  deleteChain(name: string): void {
    const chain = this.chain(name, "delete-chain");
    if (chain.policy !== null) throw new IptcError("delete-chain", "EINVAL");
    if (this.references(name) > 0) throw new IptcError("delete-chain", "EMLINK");
    if (chain.rules.length) throw new IptcError("delete-chain", "ENOTEMPTY");
    this.chains.splice(this.chains.indexOf(chain), 1);
    this.byName.delete(name);
    this.changed = true;
  }

  rename(from: string, to: string): void {
    if (this.isChain(to) || VERDICTS.includes(to)) throw new IptcError("rename", "EEXIST");
    const chain = this.byName.get(from);
    if (!chain || chain.policy !== null) throw new IptcError("rename", "ENOENT");
    this.chains.splice(this.chains.indexOf(chain), 1);
    this.byName.delete(from);
    chain.name = to;
    this.place(chain);
    // Rules that jump here are new ones, so that older versions of the table keep the old name.
    for (const other of this.chains)
      other.rules = other.rules.map((rule) => {
        if (rule.target.kind !== "jump" || rule.target.chain !== from) return rule;
        const copy = Object.assign(new Rule(), rule, { attached: false });
        copy.target = { ...rule.target, chain: to };
        return copy;
      });
  }

  setPolicy(name: string, policy: string, counters: Counters | null): void {
    const chain = this.chain(name, "policy");
    if (chain.policy === null) throw new IptcError("policy", "ENOENT");
    if (policy !== "ACCEPT" && policy !== "DROP") throw new IptcError("policy", "EINVAL");
    chain.policy = policy;
    chain.counters = counters ?? { packets: 0, bytes: 0 };
    this.changed = true;
  }

  /** Give the table to the kernel, when anything was done to it. */
  commit(): void {
    this.give(commitTable);
    for (const rule of this.zeroed) {
      rule.packets = 0;
      rule.bytes = 0;
    }
  }

  /** What `commit` would come to, in a namespace that is thrown away (netfilter/rehearse.ts). */
  rehearse(): void {
    this.give((ns, table) => {
      checkTable(ns, table);
      ns.netfilter.replace(table);
    });
  }

  give(put: (ns: NetNs, table: Table) => void): void {
    if (!this.changed) return;
    const chains = this.chains.map((draft) => {
      const chain = new Chain(draft.name, draft.policy);
      chain.rules = draft.rules;
      // Any change of a table loses the counters of all its policies; those of rules stay.
      chain.packets = draft.counters?.packets ?? 0;
      chain.bytes = draft.counters?.bytes ?? 0;
      return chain;
    });
    try {
      put(this.ns, new Table(this.ns.kernel.ids.table++, this.name, chains));
    } catch (error) {
      if (error instanceof CommitError) throw new IptcError("commit", error.errno);
      throw error;
    }
  }
}
