import { hex } from "../base/text.ts";
import { fill } from "../base/words.ts";
import { DROP_REASONS } from "../net/drop.ts";
import { tableName } from "../net/fib/names.ts";
import { ROUTE_TYPES, type Route } from "../net/fib/route.ts";
import { type FibRule, RULE_OUTCOMES } from "../net/fib/rule.ts";
import { ruleText as ipRuleText, routeText } from "../net/fib/text.ts";
import { ANSWERS, MISS_REASONS } from "../net/netfilter/evaluate.ts";
import { HOOKS } from "../net/netfilter/extension.ts";
import type { Chain, Rule, Table } from "../net/netfilter/table.ts";
import { withRules } from "../net/netfilter/with-rules.ts";
import type { Sock } from "../net/socket/sock.ts";
import { TCP_STATES } from "../net/tcp/state.ts";
import { CAUSES, Ev, NEIGH_EVENTS, type Trace, type TraceEvent, TUNNELS } from "../sim/trace.ts";
import { formatIpv4 } from "../wire/address.ts";
import type { JourneyWords } from "./english.ts";
import type { Miss, Step } from "./story.ts";

const CTINFO = ["ESTABLISHED", "RELATED", "NEW", "ESTABLISHED", "RELATED", "", "", "UNTRACKED"];

export function mark(value: number): string {
  return `0x${hex(value)}`;
}

function ip(value: number | undefined): string {
  return formatIpv4((value ?? 0) >>> 0);
}

/** Makes words of trace events, with the definitions that the catalogue keeps. */
export class Words {
  trace: Trace;
  say: JourneyWords;

  constructor(trace: Trace, say: JourneyWords) {
    this.trace = trace;
    this.say = say;
  }

  device(ns: number, ifindex: number): string {
    return this.trace.catalogue.devices.get(`${ns}/${ifindex}`)?.name ?? `if${ifindex}`;
  }

  table(id: number): Table | null {
    return (this.trace.catalogue.tables.get(id) as Table | undefined) ?? null;
  }

  rule(
    table: number,
    chain: number,
    rule: number,
  ): { table: Table; chain: Chain; rule: Rule } | null {
    const t = this.table(table);
    const c = t?.chains[chain];
    const r = c?.rules[rule];
    return t && c && r ? { table: t, chain: c, rule: r } : null;
  }

  socket(id: number): string {
    const sock = this.trace.catalogue.sockets.get(id) as Sock | undefined;
    if (!sock) return fill(this.say.socket, { id });
    const { command: program } = sock.owner;
    const peer = sock.dst ? ` ↔ ${ip(sock.dst)}:${sock.dstPort}` : "";
    const address = `${sock.src ? ip(sock.src) : "*"}:${sock.srcPort}${peer}`;
    return program ? fill(this.say.ofProgram, { address, program }) : address;
  }

  /** The rules that a MISS event passed over. */
  misses(e: TraceEvent): Miss[] {
    const [table = 0, chain = 0, first = 0, count = 0] = e.args;
    const out: Miss[] = [];
    // A negative count: all for the reason that stands first.
    for (let i = 0; i < Math.abs(count); i++) {
      const slot = count < 0 ? 0 : i;
      const why = ((e.args[4 + (slot >> 2)] ?? 0) >>> ((slot & 3) * 8)) & 255;
      const found = this.rule(table, chain, first + i);
      const match = found?.rule.matches[why - 16];
      out.push({
        rule: first + i + 1,
        text: found ? withRules().text(found.chain.name, found.rule) : "",
        why: why >= 16 ? `-m ${match?.extension.name ?? "?"}` : (MISS_REASONS[why] ?? "?"),
      });
    }
    return out;
  }

  /** One event as a step; null for those that only carry others along. */
  step(e: TraceEvent): Step | null {
    const a = e.args;
    const { say } = this;
    const make = (kind: Step["kind"], text: string, facts: Step["facts"] = {}): Step => ({
      n: e.n,
      at: e.at,
      kind,
      text,
      facts,
      misses: [],
    });
    switch (e.kind) {
      case Ev.SKB: {
        const cause = CAUSES[a[1] ?? 0] ?? "socket";
        const from = a[2]
          ? fill(say.sent, { socket: this.socket(a[2]) })
          : fill(say.made, { cause });
        return make("born", from, { cause, socket: a[2] ?? 0 });
      }
      case Ev.RX: {
        const device = this.device(e.ns, a[0] ?? 0);
        return make("in", fill(say.in, { device }), { device, length: a[1] ?? 0 });
      }
      case Ev.TX: {
        const device = this.device(e.ns, a[0] ?? 0);
        return make("out", fill(say.out, { device }), { device, length: a[6] ?? 0 });
      }
      case Ev.HOOK: {
        const hook = HOOKS[a[0] ?? 0] ?? "?";
        const facts: Step["facts"] = { hook, mark: mark(a[3] ?? 0), connmark: mark(a[4] ?? 0) };
        if (a[1]) facts.in = this.device(e.ns, a[1]);
        if (a[2]) facts.out = this.device(e.ns, a[2]);
        return make("hook", hook, facts);
      }
      case Ev.RULE: {
        const found = this.rule(a[0] ?? 0, a[1] ?? 0, a[2] ?? 0);
        const answer = ANSWERS[a[3] ?? 0] ?? "CONTINUE";
        const text = found ? withRules().text(found.chain.name, found.rule) : say.goneRule;
        const table = found?.table.name ?? "?";
        const chain = found?.chain.name ?? "?";
        const rule = (a[2] ?? 0) + 1;
        return make("rule", fill(say.rule, { table, chain, number: rule, rule: text }), {
          table,
          chain,
          rule,
          text,
          verdict: answer,
          events: answer === "JUMP" || answer === "GOTO" ? 0 : (a[4] ?? 0),
        });
      }
      case Ev.POLICY: {
        const found = this.table(a[0] ?? 0);
        const table = found?.name ?? "?";
        const chain = found?.chains[a[1] ?? 0]?.name ?? "?";
        const verdict = a[2] ? "ACCEPT" : "DROP";
        const facts = { table, chain, verdict };
        return make("policy", fill(say.policy, facts), facts);
      }
      case Ev.MARK: {
        const [from, to] = [mark(a[0] ?? 0), mark(a[1] ?? 0)];
        return make("mark", fill(say.mark, { from, to }), { from, mark: to });
      }
      case Ev.CTMARK: {
        const [from, to] = [mark(a[0] ?? 0), mark(a[1] ?? 0)];
        return make("connmark", fill(say.connmark, { from, to }), { from, connmark: to });
      }
      case Ev.CT: {
        const state = CTINFO[a[1] ?? 0] ?? "?";
        const reply = (a[1] ?? 0) >= 3 && a[1] !== 7;
        const connection = fill(reply ? say.reply : say.connection, { state });
        const marked = { connection, mark: mark(a[3] ?? 0) };
        return make("conntrack", a[3] ? fill(say.withMark, marked) : connection, {
          state,
          conntrack: a[0] ?? 0,
          connmark: mark(a[3] ?? 0),
          reply: reply ? 1 : 0,
        });
      }
      case Ev.NAT: {
        const from = `${ip(a[1])}:${a[2]}`;
        const to = `${ip(a[3])}:${a[4]}`;
        return make("nat", fill(a[0] ? say.destination : say.source, { from, to }), {
          nat: a[0] ? "DNAT" : "SNAT",
          from,
          to,
        });
      }
      case Ev.FIBRULE: {
        const rule = this.trace.catalogue.rules.get(a[0] ?? 0) as FibRule | undefined;
        const outcome = RULE_OUTCOMES[a[1] ?? 0] ?? "?";
        const text = rule ? `${rule.priority}: ${ipRuleText(rule, true)}` : say.goneRule;
        const facts: Step["facts"] = { priority: rule?.priority ?? -1, outcome, text };
        if (rule?.action === "lookup") facts.table = tableName(rule.table);
        if (outcome === "used") return make("iprule", text, facts);
        const passed = { rule: text, why: outcome };
        return make("iprule", fill(outcome === "goto" ? say.goesThere : say.not, passed), facts);
      }
      case Ev.ROUTE: {
        const route = this.trace.catalogue.routes.get(a[0] ?? 0) as Route | undefined;
        const type = ROUTE_TYPES[a[1] ?? 0] ?? "?";
        const device = this.device(e.ns, a[2] ?? 0);
        const table = tableName(a[4] ?? 0);
        const text = route
          ? (routeText(route).trim().split("\n")[0] ?? "")
          : `${type} dev ${device}`;
        const facts: Step["facts"] = { type, device, table, text };
        if (a[3]) facts.via = ip(a[3]);
        return make("route", fill(say.table, { table, route: text }), facts);
      }
      case Ev.NEIGH: {
        const what = NEIGH_EVENTS[a[2] ?? 0] ?? "?";
        const device = this.device(e.ns, a[0] ?? 0);
        const facts = { device, what, ip: ip(a[1]) };
        return make("neigh", fill(say.neighbour, facts), facts);
      }
      case Ev.ENCAP: {
        const tunnel = TUNNELS[a[1] ?? 0] ?? "?";
        const device = this.device(e.ns, a[0] ?? 0);
        const facts = { tunnel, device, vni: a[2] ?? 0, remote: ip(a[3]) };
        return make("encap", fill(say.encap, facts), facts);
      }
      case Ev.DECAP: {
        const tunnel = TUNNELS[a[1] ?? 0] ?? "?";
        const device = this.device(e.ns, a[0] ?? 0);
        const facts = { tunnel, device, vni: a[2] ?? 0 };
        return make("decap", fill(say.decap, facts), facts);
      }
      case Ev.SOCK: {
        const name = a[0] ? this.socket(a[0]) : "";
        const text = name ? fill(say.delivered, { socket: name }) : say.kernel;
        return make("socket", text, { socket: a[0] ?? 0, name });
      }
      case Ev.TCP: {
        const from = TCP_STATES[a[1] ?? 0] ?? "?";
        const to = TCP_STATES[a[2] ?? 0] ?? "?";
        return make("tcp", `${this.socket(a[0] ?? 0)}: ${from} → ${to}`, {
          socket: a[0] ?? 0,
          from,
          to,
        });
      }
      case Ev.DROP: {
        const reason = DROP_REASONS[a[0] ?? 0] ?? "NOT_SPECIFIED";
        const why = say.reasons[reason] ?? "";
        const text = fill(why ? say.droppedWhy : say.dropped, { reason, why });
        return make("drop", text, { reason, why });
      }
      case Ev.TTL:
        return make("ttl", fill(say.ttl, { from: a[0] ?? 0, to: a[1] ?? 0 }), {
          from: a[0] ?? 0,
          ttl: a[1] ?? 0,
        });
      case Ev.BRIDGE: {
        const bridge = this.device(e.ns, a[0] ?? 0);
        const out = a[2] ?? 0;
        const port = this.device(e.ns, out);
        const text = fill(out > 0 ? say.toPort : out < 0 ? say.toHost : say.toAll, {
          bridge,
          port,
        });
        return make("bridge", text, { bridge, out });
      }
      case Ev.TPROXY:
        return make("tproxy", fill(say.given, { socket: this.socket(a[0] ?? 0) }), {
          socket: a[0] ?? 0,
        });
      default:
        return null;
    }
  }
}
