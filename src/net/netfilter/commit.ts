import { conntrackDisable, conntrackEnable } from "../conntrack/core.ts";
import type { NetNs } from "../netns.ts";
import {
  HOOK_NUMBER,
  type Hook,
  type MatchExtension,
  type TargetExtension,
  XtRefused,
} from "./extension.ts";
import { asksOf, type Chain, type Rule, type Table } from "./table.ts";

/** The kernel did not take the table: errno, as libiptc reports it. */
export class CommitError extends Error {
  errno: "ELOOP" | "EINVAL";
  constructor(errno: "ELOOP" | "EINVAL") {
    super(errno);
    this.errno = errno;
  }
}

/** Nothing behind a verdict without conditions is ever asked (linux: ip_tables.c, unconditional). */
function ends(rule: Rule): boolean {
  return (
    rule.target.kind === "verdict" &&
    rule.matches.length === 0 &&
    rule.srcMask === 0 &&
    rule.dstMask === 0 &&
    rule.protocol === 0 &&
    rule.fragment === null &&
    !rule.srcInvert &&
    !rule.dstInvert &&
    !rule.protocolInvert &&
    [rule.in, rule.out].every((dev) => dev.name === "" && !dev.wildcard && !dev.invert)
  );
}

/**
 * From which hooks can each chain be reached? (linux: ip_tables.c, mark_source_chains). Throws
 * ELOOP when a chain can come back to itself.
 */
function reachable(table: Table): Map<Chain, Hook[]> {
  const hooks = new Map<Chain, Hook[]>(table.chains.map((chain) => [chain, []]));
  const path = new Set<Chain>();
  const visit = (chain: Chain, hook: Hook): void => {
    if (path.has(chain)) throw new CommitError("ELOOP");
    const known = hooks.get(chain) as Hook[];
    if (known[known.length - 1] === hook) return;
    known.push(hook);
    path.add(chain);
    for (const rule of chain.rules) {
      const { target } = rule;
      if (target.kind === "jump") visit(table.byName.get(target.chain) as Chain, hook);
      if (ends(rule)) break;
    }
    path.delete(chain);
  };
  for (const chain of table.chains) if (chain.policy !== null) visit(chain, chain.name as Hook);
  return hooks;
}

function checkPlace(
  extension: MatchExtension | TargetExtension,
  kind: string,
  table: Table,
  hooks: readonly Hook[],
  rule: Rule,
): void {
  const { name } = extension;
  if (extension.tables && !extension.tables.includes(table.name))
    throw new XtRefused(
      `x_tables: ip_tables: ${name} ${kind}: only valid in ${extension.tables.join("/")} table, not ${table.name}`,
    );
  const legal = extension.hooks;
  if (legal && hooks.some((hook) => !legal.includes(hook)))
    throw new XtRefused(
      `x_tables: ip_tables: ${name} ${kind}: used from hooks ${hooks.join("/")}, but only usable from ${legal.join("/")}`,
    );
  if (extension.protocol && (rule.protocol !== extension.protocol || rule.protocolInvert))
    throw new XtRefused(
      `x_tables: ip_tables: ${name} ${kind}: only valid for protocol ${extension.protocol}`,
    );
}

/** checkentry of everything in a rule (linux: ip_tables.c, find_check_entry). */
function checkRule(
  ns: NetNs,
  table: Table,
  hooks: readonly Hook[],
  rule: Rule,
  mask: number,
): void {
  const place = { ns, table: table.name, hooks, rule };
  for (const { extension, info } of rule.matches) {
    checkPlace(extension, "match", table, hooks, rule);
    extension.check?.(info, place);
  }
  if (rule.target.kind === "extension") {
    checkPlace(rule.target.extension, "target", table, hooks, rule);
    rule.target.extension.check?.(rule.target.info, place);
  }
  rule.hookMask = mask;
}

/** How often the rule asks for connection tracking. */
function conntrackUses(rule: Rule): number {
  let uses = 0;
  for (const match of rule.matches) if (match.extension.needsConntrack) uses++;
  if (rule.target.kind === "extension" && rule.target.extension.needsConntrack) uses++;
  return uses;
}

function attach(ns: NetNs, rule: Rule): void {
  rule.attached = true;
  rule.asks = asksOf(rule);
  rule.firstMatch = rule.matches[0]?.extension ?? null;
  rule.firstInfo = rule.matches[0]?.info ?? null;
  const { target } = rule;
  rule.stateful =
    rule.matches.some((match) => match.extension.fresh !== undefined) ||
    (target.kind === "extension" && target.extension.fresh !== undefined);
  for (const { extension, info } of rule.matches) extension.attach?.(info, ns);
  if (target.kind === "extension") target.extension.attach?.(target.info, ns);
  for (let i = conntrackUses(rule); i > 0; i--) conntrackEnable(ns);
}

function detach(ns: NetNs, rule: Rule): void {
  rule.attached = false;
  for (const { extension, info } of rule.matches) extension.detach?.(info, ns);
  if (rule.target.kind === "extension") rule.target.extension.detach?.(rule.target.info, ns);
  for (let i = conntrackUses(rule); i > 0; i--) conntrackDisable(ns);
}

/** Limits, quotas, counts and templates begin anew at every change of their table, as in the kernel. */
function fresh(ns: NetNs, rule: Rule): void {
  for (const match of rule.matches) match.extension.fresh?.(match.info, ns);
  if (rule.target.kind === "extension") rule.target.extension.fresh?.(rule.target.info, ns);
}

/**
 * Would the kernel take this version of the table? (linux: ip_tables.c, translate_table.) Throws
 * CommitError; what the kernel says is in its log.
 */
export function checkTable(ns: NetNs, table: Table): void {
  const hooks = reachable(table);
  try {
    for (const chain of table.chains) {
      let from = hooks.get(chain) as Hook[];
      let mask = 0;
      for (const hook of from) mask |= 1 << HOOK_NUMBER[hook];
      for (const rule of chain.rules) {
        // What was accepted once at these hooks is accepted again.
        if (!rule.attached || rule.hookMask !== mask) checkRule(ns, table, from, rule, mask);
        if (mask === 0 || !ends(rule)) continue;
        from = [];
        mask = 0;
      }
    }
  } catch (error) {
    if (!(error instanceof XtRefused)) throw error;
    ns.kernel.printk(error.log);
    throw new CommitError("EINVAL");
  }
}

/** Put a new version of a table in force, as a whole or not at all (linux: ip_tables.c, do_replace). */
export function commitTable(ns: NetNs, table: Table): void {
  checkTable(ns, table);
  const old = ns.netfilter.tables.get(table.name);
  for (const chain of table.chains)
    for (const rule of chain.rules) {
      rule.seenIn = table.id;
      if (!rule.attached) attach(ns, rule);
      if (rule.stateful) fresh(ns, rule);
    }
  if (old)
    for (const chain of old.chains)
      for (const rule of chain.rules) if (rule.seenIn !== table.id) detach(ns, rule);
  ns.netfilter.replace(table);
}
