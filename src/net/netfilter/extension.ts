import type { NetDevice } from "../device/device.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";

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

/** One option of an extension as getopt_long sees it. */
export interface XtOption {
  name: string;
  /** Alternative spelling: "source-port" for "sport". */
  alias?: string;
  /** How many arguments: 0, 1 or 2 (`--tcp-flags mask comp`). */
  args: 0 | 1 | 2;
  /** May `!` stand before it? */
  invert: boolean;
}

/** An option as it was given: `! --dport 80` is {name: "dport", invert: true, values: ["80"]}. */
export interface GivenOption {
  name: string;
  invert: boolean;
  values: string[];
}

/** Where a rule is going: what parse and check may need to know. */
export interface XtContext {
  ns: NetNs;
  table: TableName;
  /** The protocol of `-p`, 0 for all, and whether it was inverted. */
  protocol: number;
  protocolInverted: boolean;
}

interface Extension<Info> {
  /** As after -m or -j. */
  name: string;
  /** The kernel's file. */
  linux: string;
  /** What `iptables -m NAME -h` adds. */
  help: string;
  options: readonly XtOption[];
  /** From options to the data that the kernel keeps. Throws XtUsageError with the tool's words. */
  parse(given: readonly GivenOption[], context: XtContext): Info;
  /** As iptables-save and -S print it, each option with a leading space. */
  save(info: Info): string;
  /** As -L prints it, with a leading space; `numeric` is -n. */
  print(info: Info, numeric: boolean): string;
  /** checkentry: throws XtRefused. */
  check?(info: Info, context: XtContext): void;
  /** It looks at conntrack: a rule with it switches tracking on in its namespace (nf_ct_netns_get). */
  needsConntrack?: boolean;
  /** [typed, what -S prints of it, or null when it is refused]; run by registry.test.ts. */
  examples: readonly (readonly [string, string | null])[];
}

export interface MatchExtension<Info = unknown> extends Extension<Info> {
  /** Only after this protocol (`-p tcp` loads "tcp" by itself). */
  protocol?: number;
  matches(info: Info, skb: Skb, par: XtParam): boolean;
}

export interface TargetExtension<Info = unknown> extends Extension<Info> {
  /** Where it is legal; all when absent. */
  tables?: readonly TableName[];
  hooks?: readonly Hook[];
  apply(info: Info, skb: Skb, par: XtParam): TargetVerdict;
}

/** Typed definition of a match: one file each in match/. */
export function defineMatch<Info>(extension: MatchExtension<Info>): MatchExtension<Info> {
  return extension;
}

export function defineTarget<Info>(extension: TargetExtension<Info>): TargetExtension<Info> {
  return extension;
}
