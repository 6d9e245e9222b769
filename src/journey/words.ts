import { hex } from "../base/text.ts";
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
import type { Miss, Step } from "./story.ts";

const CTINFO = ["ESTABLISHED", "RELATED", "NEW", "ESTABLISHED", "RELATED", "", "", "UNTRACKED"];

/** What a drop reason means, in a sentence. */
export const DROP_WORDS: Partial<Record<(typeof DROP_REASONS)[number], string>> = {
  NETFILTER_DROP: "a netfilter rule or policy said DROP",
  NO_SOCKET: "nobody listens there",
  IP_RPFILTER: "the reverse path filter: the way back to its source is not by this device",
  IP_LOCAL_SOURCE: "its source is one of this machine's own addresses (accept_local is off)",
  IP_INNOROUTES: "there is no route to its destination",
  IP_INADDRERRORS: "it is not for this machine, and this machine does not forward",
  IP_OUTNOROUTES: "there is no route for what was to be sent",
  IP_LOCALNET: "a loopback address on a real device (route_localnet is off)",
  IP_INVALID_SOURCE: "no packet may have such a source address",
  IP_INVALID_DEST: "it cannot be forwarded to such a destination",
  NEIGH_FAILED: "nobody answered the question who has the next hop's address",
  TTL_EXCEEDED: "its time to live ran out",
  PKT_TOO_BIG: "it is larger than the next link takes, and may not be cut",
  OTHERHOST: "the frame was for another machine",
  BLACKHOLE: "its route is a blackhole",
  PROHIBIT: "its route says prohibit",
  DEV_DOWN: "the device is down",
  TUNNEL_LOOP: "the tunnel's outer packet would go into the tunnel again",
  GENEVE_VNI_NOT_FOUND: "no tunnel device here has that VNI and remote",
  LINK_LOSS: "the link lost it",
  NO_PTYPE: "no protocol here takes such a frame",
};

/** Commands that show what is behind a drop, where the packet died. */
const DROP_SHOWN_BY: Partial<Record<(typeof DROP_REASONS)[number], string>> = {
  NETFILTER_DROP: "iptables-save -c",
  NO_SOCKET: "ss -tuln",
  IP_RPFILTER: "sysctl -a | grep rp_filter",
  IP_LOCAL_SOURCE: "sysctl -a | grep accept_local",
  IP_INNOROUTES: "ip route show table all",
  IP_INADDRERRORS: "sysctl net.ipv4.ip_forward",
  IP_OUTNOROUTES: "ip route show table all",
  IP_LOCALNET: "sysctl -a | grep route_localnet",
  NEIGH_FAILED: "ip neigh",
  PKT_TOO_BIG: "ip link",
  BLACKHOLE: "ip route show table all",
  PROHIBIT: "ip route show table all",
  DEV_DOWN: "ip link",
  TUNNEL_LOOP: "ip -d link",
  GENEVE_VNI_NOT_FOUND: "ip -d link",
};

export function mark(value: number): string {
  return `0x${hex(value)}`;
}

function ip(value: number | undefined): string {
  return formatIpv4((value ?? 0) >>> 0);
}

/** Makes words of trace events, with the definitions that the catalogue keeps. */
export class Words {
  trace: Trace;

  constructor(trace: Trace) {
    this.trace = trace;
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
    if (!sock) return `socket ${id}`;
    const owner = sock.owner.command ? ` of ${sock.owner.command}` : "";
    const peer = sock.dst ? ` ↔ ${ip(sock.dst)}:${sock.dstPort}` : "";
    return `${sock.src ? ip(sock.src) : "*"}:${sock.srcPort}${peer}${owner}`;
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
        const from = a[2] ? `sent by ${this.socket(a[2])}` : `made here (${cause})`;
        return make("born", from, { cause, socket: a[2] ?? 0 });
      }
      case Ev.RX: {
        const device = this.device(e.ns, a[0] ?? 0);
        return make("in", `in by ${device}`, { device, length: a[1] ?? 0 });
      }
      case Ev.TX: {
        const device = this.device(e.ns, a[0] ?? 0);
        return make("out", `out by ${device}`, { device, length: a[6] ?? 0 });
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
        const text = found ? withRules().text(found.chain.name, found.rule) : "a rule that is gone";
        const table = found?.table.name ?? "?";
        const chain = found?.chain.name ?? "?";
        const rule = (a[2] ?? 0) + 1;
        return make("rule", `${table} ${chain} rule ${rule}: ${text}`, {
          table,
          chain,
          rule,
          text,
          verdict: answer,
          events: answer === "JUMP" || answer === "GOTO" ? 0 : (a[4] ?? 0),
        });
      }
      case Ev.POLICY: {
        const table = this.table(a[0] ?? 0);
        const chain = table?.chains[a[1] ?? 0]?.name ?? "?";
        const verdict = a[2] ? "ACCEPT" : "DROP";
        return make("policy", `${table?.name ?? "?"} ${chain}: policy ${verdict}`, {
          table: table?.name ?? "?",
          chain,
          verdict,
        });
      }
      case Ev.MARK:
        return make("mark", `mark ${mark(a[0] ?? 0)} → ${mark(a[1] ?? 0)}`, {
          from: mark(a[0] ?? 0),
          mark: mark(a[1] ?? 0),
        });
      case Ev.CTMARK:
        return make("connmark", `connmark ${mark(a[0] ?? 0)} → ${mark(a[1] ?? 0)}`, {
          from: mark(a[0] ?? 0),
          connmark: mark(a[1] ?? 0),
        });
      case Ev.CT: {
        const state = CTINFO[a[1] ?? 0] ?? "?";
        const reply = (a[1] ?? 0) >= 3 && a[1] !== 7;
        const connmark = a[3] ? `, connmark ${mark(a[3])}` : "";
        return make("conntrack", `connection ${state}${reply ? ", a reply" : ""}${connmark}`, {
          state,
          conntrack: a[0] ?? 0,
          connmark: mark(a[3] ?? 0),
          reply: reply ? 1 : 0,
        });
      }
      case Ev.NAT: {
        const kind = a[0] ? "destination" : "source";
        const from = `${ip(a[1])}:${a[2]}`;
        const to = `${ip(a[3])}:${a[4]}`;
        return make("nat", `${kind} ${from} → ${to}`, { nat: a[0] ? "DNAT" : "SNAT", from, to });
      }
      case Ev.FIBRULE: {
        const rule = this.trace.catalogue.rules.get(a[0] ?? 0) as FibRule | undefined;
        const outcome = RULE_OUTCOMES[a[1] ?? 0] ?? "?";
        const text = rule ? `${rule.priority}: ${ipRuleText(rule, true)}` : "a rule that is gone";
        const facts: Step["facts"] = { priority: rule?.priority ?? -1, outcome, text };
        if (rule?.action === "lookup") facts.table = tableName(rule.table);
        const why =
          outcome === "used" ? "" : outcome === "goto" ? " (goes there)" : ` (no: ${outcome})`;
        return make("iprule", `${text}${why}`, facts);
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
        return make("route", `table ${table}: ${text}`, facts);
      }
      case Ev.NEIGH: {
        const what = NEIGH_EVENTS[a[2] ?? 0] ?? "?";
        const device = this.device(e.ns, a[0] ?? 0);
        return make("neigh", `neighbour ${ip(a[1])} on ${device}: ${what}`, {
          device,
          what,
          ip: ip(a[1]),
        });
      }
      case Ev.ENCAP: {
        const tunnel = TUNNELS[a[1] ?? 0] ?? "?";
        const device = this.device(e.ns, a[0] ?? 0);
        return make("encap", `${device} wraps it in ${tunnel}, VNI ${a[2]}, to ${ip(a[3])}`, {
          tunnel,
          device,
          vni: a[2] ?? 0,
          remote: ip(a[3]),
        });
      }
      case Ev.DECAP: {
        const tunnel = TUNNELS[a[1] ?? 0] ?? "?";
        const device = this.device(e.ns, a[0] ?? 0);
        return make(
          "decap",
          `${tunnel} header off (VNI ${a[2]}): what is inside comes in by ${device}`,
          {
            tunnel,
            device,
            vni: a[2] ?? 0,
          },
        );
      }
      case Ev.SOCK:
        return make(
          "socket",
          a[0] ? `delivered to ${this.socket(a[0])}` : "the kernel itself takes it",
          {
            socket: a[0] ?? 0,
          },
        );
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
        const why = DROP_WORDS[reason];
        const command = DROP_SHOWN_BY[reason] ?? "";
        const text = why ? `dropped: ${reason} — ${why}` : `dropped: ${reason}`;
        return make("drop", text, { reason, command });
      }
      case Ev.TTL:
        return make("ttl", `TTL ${a[0]} → ${a[1]}`, { from: a[0] ?? 0, ttl: a[1] ?? 0 });
      case Ev.BRIDGE: {
        const bridge = this.device(e.ns, a[0] ?? 0);
        const out = a[2] ?? 0;
        const where =
          out > 0
            ? `to port ${this.device(e.ns, out)}`
            : out < 0
              ? "up to the host"
              : "to every port";
        return make("bridge", `${bridge}: ${where}`, { bridge, out });
      }
      case Ev.TPROXY:
        return make("tproxy", `given to ${this.socket(a[0] ?? 0)}`, { socket: a[0] ?? 0 });
      default:
        return null;
    }
  }
}
