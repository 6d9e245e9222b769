import { beforeEach, describe, expect, it } from "vitest";
import { Sim } from "../../sim/sim.ts";
import { Ev } from "../../sim/trace.ts";
import { IP_DF, IPPROTO_TCP, IPV4_HLEN, Ipv4 } from "../../wire/ipv4.ts";
import { TCP_HLEN, Tcp, TH_SYN } from "../../wire/tcp.ts";
import { Ids, Kernel } from "../kernel.ts";
import type { NetNs } from "../netns.ts";
import type { Skb } from "../skb.ts";
import { Sock } from "../socket/sock.ts";
import { commitTable } from "./commit.ts";
import { iptDoTable } from "./evaluate.ts";
import type { TableName } from "./extension.ts";
import { MATCHES, TARGETS } from "./registry.ts";
import { Rule, Table } from "./table.ts";

const CLIENT = 0x0a000002;
const SERVER = 0x0a090909;

class FakeSock extends Sock {
  readonly protocol = IPPROTO_TCP;
  receive(): void {}
  icmpError(): void {}
  close(): void {}
}

let ns: NetNs;

function syn(dport: number): Skb {
  const skb = ns.kernel.newSkb(ns, IPV4_HLEN + TCP_HLEN, "injected");
  Ipv4.write(skb.data, skb.network, {
    tos: 0,
    totalLength: IPV4_HLEN + TCP_HLEN,
    id: 1,
    fragment: IP_DF,
    ttl: 64,
    protocol: IPPROTO_TCP,
    src: CLIENT,
    dst: SERVER,
  });
  skb.transport = skb.network + IPV4_HLEN;
  const ports = { srcPort: 40000, dstPort: dport, src: CLIENT, dst: SERVER };
  const rest = { seq: 1, ack: 0, flags: TH_SYN, window: 1000, options: new Uint8Array(0) };
  Tcp.write(skb.data, skb.transport, skb.tail, { ...ports, ...rest });
  return skb;
}

function tproxy(port: number): Rule {
  const rule = new Rule();
  rule.protocol = IPPROTO_TCP;
  const extension = TARGETS.get("TPROXY");
  if (!extension) throw new Error("no TPROXY");
  const info = { port, address: 0x7f000001, mark: 0x400, mask: 0xfff };
  rule.target = { kind: "extension", extension, info };
  return rule;
}

function install(name: TableName, chain: string, rules: Rule[]): Table {
  const table = Table.empty(ns, name);
  const where = table.byName.get(chain);
  if (where) where.rules = rules;
  commitTable(ns, table);
  return table;
}

function walk(table: Table, skb: Skb): string {
  return iptDoTable(ns, table, "PREROUTING", skb, ns.loopback, null);
}

beforeEach(() => {
  ns = new Kernel(new Sim(1, 1000), new Ids(), "box").init;
});

describe("TPROXY", () => {
  function listener(transparent: boolean): Sock {
    const sock = new FakeSock(ns);
    sock.srcPort = 15001;
    sock.src = 0x7f000001;
    sock.transparent = transparent;
    ns.sockets.tcp.bind(sock);
    return sock;
  }

  it("gives the packet to the listener and marks it", () => {
    const sock = listener(true);
    const skb = syn(80);
    skb.mark = 0x12345678;
    expect(walk(install("mangle", "PREROUTING", [tproxy(15001)]), skb)).toBe("ACCEPT");
    expect(skb.sk).toBe(sock);
    expect(skb.skAssigned).toBe(true);
    expect(skb.mark).toBe(0x12345400);
    const told = ns.trace.event(ns.trace.next - 2);
    expect(told?.kind).toBe(Ev.TPROXY);
    expect(told?.args.slice(0, 3)).toEqual([sock.id, 0x7f000001, 15001]);
  });

  it("prefers a connection that is under way", () => {
    listener(true);
    const connected = new FakeSock(ns);
    Object.assign(connected, { src: SERVER, srcPort: 80, dst: CLIENT, dstPort: 40000 });
    connected.transparent = true;
    ns.sockets.tcp.connect(connected);
    const skb = syn(80);
    expect(walk(install("mangle", "PREROUTING", [tproxy(15001)]), skb)).toBe("ACCEPT");
    expect(skb.sk).toBe(connected);
  });

  it("drops when nobody listens, or the listener is not transparent", () => {
    const table = install("mangle", "PREROUTING", [tproxy(15001)]);
    expect(walk(table, syn(80))).toBe("DROP");
    listener(false);
    expect(walk(table, syn(80))).toBe("DROP");
  });
});

describe("a broken header", () => {
  it("is dropped by the match that sees it, whatever rules come after", () => {
    const rule = new Rule();
    const extension = MATCHES.get("udp");
    if (!extension) throw new Error("no udp");
    rule.protocol = 17;
    rule.matches = [{ extension, info: extension.parse([], null as never) }];
    const table = install("mangle", "PREROUTING", [rule]);
    const skb = syn(80);
    skb.data[skb.network + 9] = 17;
    skb.tail = skb.transport + 4;
    expect(walk(table, skb)).toBe("DROP");
    expect(rule.packets).toBe(0);
  });
});
