import type { NetDevice } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import type { Rule } from "./table.ts";

/** linux: include/uapi/linux/netfilter.h, enum nf_inet_hooks */
export const HOOKS = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"] as const;
export type Hook = (typeof HOOKS)[number];
export const HOOK_NUMBER: Record<Hook, number> = {
  PREROUTING: 0,
  INPUT: 1,
  FORWARD: 2,
  OUTPUT: 3,
  POSTROUTING: 4,
};

export type TableName = "raw" | "mangle" | "nat" | "filter" | "security";

/** What a hook came to for a packet. STOLEN: somebody else has it now. */
export type Verdict = "ACCEPT" | "DROP" | "STOLEN";

/** What a target answers: a verdict, or "go on with the next rule", or "back to the caller". */
export type TargetVerdict = Verdict | "CONTINUE" | "RETURN";

/** What matches and targets know besides the packet (linux: struct xt_action_param). */
export interface XtParam {
  ns: NetNs;
  hook: Hook;
  table: TableName;
  in: NetDevice | null;
  out: NetDevice | null;
  /** Payload of the IP header, and whether this is a later fragment (then it is no transport header). */
  thoff: number;
  fragOffset: number;
  /** A match saw a broken header: the packet is dropped without asking further rules. */
  hotDrop: boolean;
}

/** Wrong use of a command: its message, as the real tool prints it after "iptables vX: ". */
export class XtUsageError extends Error {
  /** iptables exits with 2 for parameter problems, 1 for others. */
  status: number;
  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}

/** The kernel refused (checkentry): iptables prints strerror, `log` goes to dmesg. */
export class XtRefused extends Error {
  log: string;
  constructor(log: string) {
    super(log);
    this.log = log;
  }
}

/**
 * One option of an extension: what getopt_long sees, and what libxtables checks by itself
 * (libxtables: xtoptions.c) unless the extension is an old one that words its own complaints.
 */
export interface XtOption {
  name: string;
  /** Alternative spelling: "sport" for "source-port". */
  alias?: string;
  /** How many arguments: 0, 1 or 2 (`--tcp-flags mask comp`). */
  args: 0 | 1 | 2;
  /** May `!` stand before it? */
  invert: boolean;
  /** XTOPT_MAND */
  required?: boolean;
  /** Options that may not be given together with it. */
  excludes?: readonly string[];
  /** Options that must be given with it. */
  requires?: readonly string[];
  /** Says "only once" and "cannot be inverted" in its own words. */
  lenient?: boolean;
}

/** An option as it was given: `! --dport 80` is {name: "dport", invert: true, values: ["80"]}. */
export interface GivenOption {
  name: string;
  invert: boolean;
  values: string[];
  /** What `-p` had said by then, 0 for nothing yet; some extensions want it before them. */
  protocol: number;
  protocolInverted: boolean;
}

/** What a user's program knows by name (linux: getpwnam, getgrnam, gethostbyname); numbers only when absent. */
export interface NameService {
  userId(name: string): number | null;
  groupId(name: string): number | null;
  userName(id: number): string | null;
  groupName(id: number): string | null;
  /** All addresses of a host name; empty when it is not known. */
  addresses(host: string): number[];
  /** The name of an address, or of a network. */
  hostName(address: number): string | null;
}

/** Where a rule is going: what parse and check may need to know. */
export interface XtContext {
  ns: NetNs;
  table: TableName;
  /** The protocol of `-p`, 0 for all, and whether it was inverted. */
  protocol: number;
  protocolInverted: boolean;
  names: NameService;
  /** Lines that the tool prints on standard error though it goes on. */
  warnings: string[];
}

/** Where a rule is, as checkentry sees it (linux: struct xt_mtchk_param). */
export interface XtPlace {
  ns: NetNs;
  table: TableName;
  /** The hooks from which the rule's chain can be reached; none for a chain that nobody jumps to. */
  hooks: readonly Hook[];
  rule: Rule;
}

interface Extension<Info> {
  /** As after -m or -j. */
  name: string;
  /** The kernel's file. */
  linux: string;
  /** What `iptables -m NAME -h` adds. */
  help: string;
  options: readonly XtOption[];
  /** Where it is legal; everywhere when absent. */
  tables?: readonly TableName[];
  hooks?: readonly Hook[];
  /**
   * From options to the data that the kernel keeps. Throws XtUsageError with the tool's words.
   * Data that changes while packets pass is one field called `state`, null at first: two rules are
   * the same when everything else is.
   */
  parse(given: readonly GivenOption[], context: XtContext): Info;
  /** As iptables-save and -S print it, each option with a leading space. */
  save(info: Info): string;
  /** As -L prints it, with a leading space; `numeric` is -n. */
  print(info: Info, numeric: boolean, names: NameService): string;
  /** checkentry: throws XtRefused. */
  check?(info: Info, place: XtPlace): void;
  /** checkentry's other half: make `state` anew; the kernel does at every change of the table. */
  fresh?(info: Info, ns: NetNs): void;
  /** The rule is now in force, or no more: references to sets and to named lists. */
  attach?(info: Info, ns: NetNs): void;
  detach?(info: Info, ns: NetNs): void;
  /** It looks at conntrack: a rule with it switches tracking on in its namespace (nf_ct_netns_get). */
  needsConntrack?: boolean;
  /** [typed, what -S prints of it, or null when it is refused]; run by examples.test.ts. */
  examples: readonly (readonly [string, string | null])[];
}

export interface MatchExtension<Info = unknown> extends Extension<Info> {
  /** Only after this protocol (`-p tcp` loads "tcp" by itself). */
  protocol?: number;
  matches(info: Info, skb: Skb, par: XtParam): boolean;
}

export interface TargetExtension<Info = unknown> extends Extension<Info> {
  /** Only after this protocol. */
  protocol?: number;
  /** What -L calls it, where that differs: NOTRACK is the kernel's CT. */
  listName?: string;
  apply(info: Info, skb: Skb, par: XtParam): TargetVerdict;
}

const SHAPE = {
  name: "",
  linux: "",
  help: "",
  options: [],
  tables: undefined,
  hooks: undefined,
  parse: undefined,
  save: undefined,
  print: undefined,
  check: undefined,
  fresh: undefined,
  attach: undefined,
  detach: undefined,
  needsConntrack: false,
  examples: [],
  protocol: undefined,
};
const MATCH_SHAPE = { ...SHAPE, matches: undefined } as unknown as MatchExtension<never>;
const TARGET_SHAPE = {
  ...SHAPE,
  listName: undefined,
  apply: undefined,
} as unknown as TargetExtension<never>;

/**
 * Typed definition of a match: one file each in match/. Frozen, for it is code and not state; all of
 * one shape, because the loop over rules reads `matches` from all of them at one place.
 */
export function defineMatch<Info>(extension: MatchExtension<Info>): MatchExtension<Info> {
  return Object.freeze({ ...MATCH_SHAPE, ...extension });
}

export function defineTarget<Info>(extension: TargetExtension<Info>): TargetExtension<Info> {
  return Object.freeze({ ...TARGET_SHAPE, ...extension });
}

/** Typed by its own data, kept as one of many: the rule keeps the data beside the extension. */
export function erase<T>(extension: T): never {
  return extension as never;
}
