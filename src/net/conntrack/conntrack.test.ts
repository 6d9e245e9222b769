import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CT_TCP_STATES, CT_TCP_TABLE } from "./tcp.ts";
import { invertTuple, sameTuple, tupleHash } from "./tuple.ts";

const SEGMENTS = ["syn", "syn+ack", "fin", "ack", "rst"];

/** "> syn, < syn+ack": the state after each, from NONE. */
function states(exchange: string): string[] {
  let state = "NONE";
  return exchange.split(", ").map((step) => {
    const [way, segment = ""] = step.split(" ");
    const grid = CT_TCP_TABLE[way === ">" ? 0 : 1]?.[SEGMENTS.indexOf(segment)];
    const next = grid?.[CT_TCP_STATES.indexOf(state as never)] ?? "?";
    if (next !== "IGNORE" && next !== "INVALID") state = next;
    return next;
  });
}

describe("what connection tracking makes of TCP", () => {
  it.each([
    ["> syn, < syn+ack, > ack", "SYN_SENT SYN_RECV ESTABLISHED"],
    [
      "> syn, < syn+ack, > ack, > fin, < ack, < fin, > ack",
      "SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT",
    ],
    [
      "> syn, < syn+ack, > ack, < fin, > ack, > fin, < ack",
      "SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT",
    ],
    ["> syn, < rst", "SYN_SENT CLOSE"],
    ["> syn, > syn, < syn+ack", "SYN_SENT SYN_SENT SYN_RECV"],
    ["> syn, < syn, > syn+ack", "SYN_SENT SYN_SENT2 SYN_RECV"],
    ["> ack", "ESTABLISHED"],
    ["> fin", "INVALID"],
    ["> syn+ack", "INVALID"],
    ["< syn", "INVALID"],
    ["> syn, < syn+ack, > ack, > syn", "SYN_SENT SYN_RECV ESTABLISHED IGNORE"],
    [
      "> syn, < syn+ack, > ack, > fin, < ack, < fin, > ack, > syn",
      "SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT SYN_SENT",
    ],
  ])("%s", (exchange, expected) => {
    expect(states(exchange).join(" ")).toBe(expected);
  });
});

describe("tuples", () => {
  const tuple = fc.record({
    src: fc.nat(0xffffffff),
    dst: fc.nat(0xffffffff),
    protocol: fc.constantFrom(1, 6, 17, 47),
    srcPort: fc.nat(0xffff),
    dstPort: fc.nat(0xffff),
  });

  it("the answer's answer is the question, and equal ones have equal hashes", () => {
    fc.assert(
      fc.property(tuple, fc.nat(0xffff), (asked, zone) => {
        const t = asked.protocol === 1 ? { ...asked, dstPort: 8 << 8 } : asked;
        const back = invertTuple(t);
        const again = back && invertTuple(back);
        expect(again && sameTuple(again, t)).toBe(true);
        expect(tupleHash({ ...t }, zone)).toBe(tupleHash(t, zone));
      }),
    );
  });

  it("nothing answers an ICMP error", () => {
    expect(invertTuple({ src: 1, dst: 2, protocol: 1, srcPort: 0, dstPort: 3 << 8 })).toBeNull();
  });
});
