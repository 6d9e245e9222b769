import { IP_PROTOCOLS } from "../../../net/fib/names.ts";
import { type FibRule, rule as newRule, type RuleAction } from "../../../net/fib/rule.ts";
import { ruleText } from "../../../net/fib/text.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import {
  type IpContext,
  IpError,
  invalidArgument,
  matches,
  pick,
  print,
  type Words,
} from "./context.ts";
import { ruleJson } from "./json.ts";
import { address, prefix, protocol, table, unsigned } from "./parse.ts";

/** `ip rule …` (iproute2: ip/iprule.c) */
export function ipRule(ctx: IpContext, words: Words): void {
  const verb = words.done ? "list" : words.next();
  const command = pick(verb, ["list", "lst", "show", "save", "restore", "add", "delete", "flush"]);
  if (command === "list" || command === "lst" || command === "show") return list(ctx, words);
  if (command === "add") return add(ctx, words);
  if (command === "delete") return remove(ctx, words);
  if (command === "flush") {
    for (const r of [...ctx.ns.fib.rules]) if (r.priority !== 0) removeRule(ctx, r);
    return;
  }
  throw new IpError(`Command "${verb}" is unknown, try "ip rule help".\n`, 255);
}

/** What was said of a rule; fields that were not said are undefined. */
type Given = Partial<FibRule> & { said: Set<string> };

function ports(text: string): [number, number] {
  const [from = "", to] = text.split("-");
  const low = unsigned(from, 65535);
  const high = to === undefined ? low : unsigned(to, 65535);
  if (low === null || high === null) return invalidArgument("invalid port range", text);
  return [low, high];
}

function parse(words: Words): Given {
  const given: Given = { said: new Set() };
  const say = (name: string): void => {
    given.said.add(name);
  };
  while (!words.done) {
    const word = words.next();
    if (word === "not") given.invert = true;
    else if (word === "from") {
      const p = prefix(words.value());
      given.src = p.address;
      given.srcLength = p.length;
      if (p.length) say("src");
    } else if (word === "to") {
      const p = prefix(words.value());
      given.dst = p.address;
      given.dstLength = p.length;
      if (p.length) say("dst");
    } else if (
      word === "preference" ||
      word === "pref" ||
      word === "order" ||
      matches(word, "priority")
    ) {
      const text = words.value();
      given.priority = unsigned(text) ?? invalidArgument("preference value is invalid\n", text);
      say("priority");
    } else if (word === "tos" || matches(word, "dsfield")) {
      const text = words.value();
      given.tos =
        unsigned(text.startsWith("0x") ? text : `0x${text}`, 255) ??
        invalidArgument("TOS value is invalid\n", text);
      say("tos");
    } else if (word === "fwmark") {
      const text = words.value();
      const [value = "", ...rest] = text.split("/");
      const mask = rest.length ? rest.join("/") : undefined;
      given.mark = unsigned(value) ?? invalidArgument("fwmark value is invalid\n", text);
      if (mask !== undefined)
        given.markMask = unsigned(mask) ?? invalidArgument("fwmask value is invalid\n", mask);
      say("mark");
    } else if (word === "table" || word === "lookup") {
      given.table = table(words.value(), "invalid table ID");
      given.action = "lookup";
      say("table");
    } else if (word === "suppress_prefixlength" || word === "sup_pl") {
      given.suppressPrefixLength = unsigned(words.value(), 32) ?? 0;
    } else if (word === "suppress_ifgroup" || word === "sup_group") {
      given.suppressGroup = unsigned(words.value()) ?? 0;
    } else if (word === "dev" || word === "iif") {
      given.iif = words.value();
      say("iif");
    } else if (word === "oif") {
      given.oif = words.value();
      say("oif");
    } else if (word === "uidrange") {
      const [low = "", high = ""] = words.value().split("-");
      given.uids = [Number(low), Number(high)];
      say("uids");
    } else if (word === "ipproto") {
      const text = words.value();
      given.protocol =
        IP_PROTOCOLS[text] ??
        unsigned(text, 255) ??
        invalidArgument('Invalid "ipproto" value\n', text);
      say("protocol");
    } else if (word === "sport") {
      given.srcPorts = ports(words.value());
      say("srcPorts");
    } else if (word === "dport") {
      given.dstPorts = ports(words.value());
      say("dstPorts");
    } else if (word === "protocol" || word === "proto") {
      given.origin = protocol(words.value()) ?? 3;
    } else if (word === "goto") {
      const text = words.value();
      given.action = "goto";
      given.target = unsigned(text) ?? invalidArgument("invalid target\n", text);
      say("goto");
    } else if (word === "type") {
      setAction(given, words.value());
    } else if (isAction(word)) setAction(given, word);
    else if (word === "nat" || word === "map-to") address(words.value());
    else throw new IpError(`Error: argument "${word}" is wrong: Failed to parse rule type\n`, 255);
  }
  return given;
}

function isAction(word: string): boolean {
  return ["blackhole", "unreachable", "prohibit", "nop", "unicast"].includes(word);
}

function setAction(given: Given, word: string): void {
  if (word === "unicast") given.action = "lookup";
  else if (isAction(word)) given.action = word as RuleAction;
  else invalidArgument("Failed to parse rule type", word);
  given.said.add("action");
}

function add(ctx: IpContext, words: Words): void {
  if (words.done) throw new IpError('"ip rule add" requires arguments.\n', 1);
  const given = parse(words);
  const fib = ctx.ns.fib;
  const { said, ...fields } = given;
  const action = fields.action ?? "lookup";
  const wanted = {
    ...fields,
    action,
    table: action === "lookup" ? (fields.table ?? 254) : 0,
    markMask: maskOf(given),
  };
  if (said.has("goto") && fields.priority !== undefined && (fields.target ?? 0) <= fields.priority)
    throw new NetlinkError("EINVAL", "Backward goto not supported");
  const priority = fields.priority ?? freePriority(ctx);
  const draft = newRule({ ...wanted, id: 0, priority });
  if (fib.rules.some((r) => same(r, draft))) throw new NetlinkError("EEXIST");
  ctx.ns.rtnl.rule(fib.addRule({ ...wanted, priority }));
}

/** Of a mark that is not zero all bits count, unless it was said which (linux: net/core/fib_rules.c, fib_nl2rule). */
function maskOf({ mark, markMask }: Given): number {
  return markMask ?? (mark ? 0xffffffff : 0);
}

/** One below the second rule (linux: net/core/fib_rules.c, fib_default_rule_pref). */
function freePriority(ctx: IpContext): number {
  const second = ctx.ns.fib.rules[1];
  return second?.priority ? second.priority - 1 : 0;
}

/** Neither where it goes nor "not" tells a rule from another (linux: net/core/fib_rules.c, rule_exists, rule_find). */
const NOT_COMPARED = { id: 0, target: 0, invert: false };

/** What the new rule does not say of addresses and TOS is the same as any (linux: fib4_rule_compare). */
function same(old: FibRule, added: FibRule): boolean {
  const { src, srcLength, dst, dstLength, tos } = old;
  const unsaid = {
    ...(added.srcLength ? {} : { src, srcLength }),
    ...(added.dstLength ? {} : { dst, dstLength }),
    ...(added.tos ? {} : { tos }),
  };
  const key = (r: FibRule): string => JSON.stringify({ ...r, ...NOT_COMPARED });
  return key(old) === key({ ...added, ...unsaid });
}

function remove(ctx: IpContext, words: Words): void {
  if (words.done) throw new NetlinkError("EINVAL");
  const given = parse(words);
  const { target: _target, invert: _invert, ...compared } = given;
  compared.markMask = maskOf(given);
  const found = ctx.ns.fib.rules.find((r) => fits(r, compared));
  if (!found) throw new NetlinkError("ENOENT");
  if (
    found.priority === 0 &&
    found.origin === 2 &&
    found.table === 255 &&
    !given.said.has("priority")
  )
    throw new NetlinkError("EPERM");
  removeRule(ctx, found);
}

function removeRule(ctx: IpContext, r: FibRule): void {
  ctx.ns.fib.removeRule(r);
  ctx.ns.rtnl.rule(r, true);
}

/** A mark and a mask of zero are not asked for. */
function fits(r: FibRule, { said, mark, markMask, ...fields }: Given): boolean {
  if ((mark && r.mark !== mark) || (markMask && r.markMask !== markMask)) return false;
  return Object.entries(fields).every(
    ([name, value]) => JSON.stringify(r[name as keyof FibRule]) === JSON.stringify(value),
  );
}

function list(ctx: IpContext, words: Words): void {
  if (ctx.family === "inet6") return;
  const given = parse(words);
  print(ctx);
  for (const r of ctx.ns.fib.rules)
    if (fits(r, given))
      print(
        ctx,
        () => `${ruleLine(ctx, r)}\n`,
        () => ruleJson(ctx, r),
      );
}

export function ruleLine(ctx: IpContext, r: FibRule): string {
  const resolved =
    r.action !== "goto" || ctx.ns.fib.rules.some((other) => other.priority === r.target);
  return `${r.priority}:\t${ruleText(r, resolved, (name) => ctx.ns.byName.has(name))}`;
}
