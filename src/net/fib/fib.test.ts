import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sim } from "../../sim/sim.ts";
import { formatIpv4, maskOf } from "../../wire/address.ts";
import { setLink } from "../device/admin.ts";
import { Ids, Kernel } from "../kernel.ts";
import { flow, type Route } from "./route.ts";

function namespace() {
  const kernel = new Kernel(new Sim(1, 100), new Ids(), "box");
  setLink(kernel.init.loopback, true);
  return kernel.init;
}

function route(dst: number, length: number, gateway: number, more: Partial<Route> = {}) {
  const ns = namespace();
  return {
    table: 254,
    type: "unicast" as const,
    dst: (dst & maskOf(length)) >>> 0,
    length,
    tos: 0,
    scope: 0,
    protocol: 3,
    priority: 0,
    prefSrc: 0,
    nexthops: [{ dev: ns.loopback, gateway, onlink: false, weight: 1 }],
    metrics: {},
    ...more,
  };
}

describe("the routing table", () => {
  it("finds the longest prefix, then the lowest metric, whatever order they came in", () => {
    // Few distinct addresses, so that prefixes nest and meet.
    const address = fc.nat(15).map((n) => ((10 << 24) | (n << 12)) >>> 0);
    const entry = fc.tuple(address, fc.integer({ min: 0, max: 32 }), fc.nat(3));
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: String, maxLength: 20 }),
        address,
        (list, dst) => {
          const ns = namespace();
          const seen = new Set<string>();
          const kept = list.filter(([at, length, metric]) => {
            const key = `${(at & maskOf(length)) >>> 0}/${length} ${metric}`;
            return !seen.has(key) && seen.add(key);
          });
          kept.forEach(([at, length, metric], i) => {
            const nexthops = [{ dev: ns.loopback, gateway: i + 1, onlink: false, weight: 1 }];
            ns.fib.addRoute(route(at, length, 0, { priority: metric, nexthops }));
          });
          const best = kept
            .map(([at, length, metric], i) => ({ at, length, metric, gateway: i + 1 }))
            .filter((r) => ((r.at ^ dst) & maskOf(r.length)) === 0)
            .sort((a, b) => b.length - a.length || a.metric - b.metric)[0];
          const found = ns.fib.lookup(flow({ dst, iif: ns.loopback.ifindex }));
          expect([formatIpv4(dst), found.hop?.gateway ?? 0]).toEqual([
            formatIpv4(dst),
            best?.gateway ?? 0,
          ]);
        },
      ),
    );
  });

  it("a throw route goes on with the next rule, a blackhole ends there", () => {
    const ns = namespace();
    const nexthops = [{ dev: ns.loopback, gateway: 1, onlink: false, weight: 1 }];
    ns.fib.addRule({ priority: 10, table: 7 });
    ns.fib.addRoute(route(0, 0, 0, { nexthops }));
    ns.fib.addRoute(route(0x0a000000, 8, 0, { table: 7, type: "throw", nexthops: [] }));
    ns.fib.addRoute(route(0x0b000000, 8, 0, { table: 7, type: "blackhole", nexthops: [] }));
    const ask = (dst: number) => ns.fib.lookup(flow({ dst, iif: ns.loopback.ifindex }));
    expect([ask(0x0a000001).hop?.gateway, ask(0x0a000001).rule?.priority]).toEqual([1, 32766]);
    expect([ask(0x0b000001).error, ask(0x0b000001).type]).toEqual(["EINVAL", "blackhole"]);
  });

  it("goto skips the rules between; to a rule that is not there it does nothing", () => {
    const ns = namespace();
    for (const [table, gateway] of [
      [7, 7],
      [254, 1],
    ] as const)
      ns.fib.addRoute(
        route(0, 0, 0, {
          table,
          nexthops: [{ dev: ns.loopback, gateway, onlink: false, weight: 1 }],
        }),
      );
    ns.fib.addRule({ priority: 10, action: "goto", target: 32766, mark: 1, markMask: 1, table: 0 });
    ns.fib.addRule({ priority: 11, action: "goto", target: 999, table: 0 });
    ns.fib.addRule({ priority: 20, table: 7 });
    const ask = (mark: number) =>
      ns.fib.lookup(flow({ dst: 0x08080808, mark, iif: 1 })).hop?.gateway;
    expect([ask(1), ask(0)]).toEqual([1, 7]);
  });
});
