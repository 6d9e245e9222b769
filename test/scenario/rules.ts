import type { PacketStory } from "../../src/journey/story.ts";
import { formatIpv4, parseIpv4 } from "../../src/wire/address.ts";
import type { CapturedFrame } from "./kit.ts";

/*
 * A second opinion on iptables' counters: which packets of a capture does each rule match? Reads the
 * few matches that the ambient rules use from the text that iptables-save prints; shares no code
 * with the engine's own evaluator.
 */

/** A packet at a hook: the frame as captured, and what the journey says of its marks there. */
export interface AtHook {
  hook: string;
  in: string;
  out: string;
  mark: number;
  connmark: number;
  frame: CapturedFrame;
}

interface Head {
  src: string;
  dst: string;
  protocol: string;
  dport: number;
  length: number;
}

function headOf(data: Uint8Array): Head {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const header = ((data[14] ?? 0) & 15) * 4;
  const number = data[23] ?? 0;
  const ports = number === 6 || number === 17;
  return {
    src: formatIpv4(view.getUint32(26)),
    dst: formatIpv4(view.getUint32(30)),
    protocol: number === 6 ? "tcp" : number === 17 ? "udp" : number === 1 ? "icmp" : String(number),
    dport: ports ? view.getUint16(14 + header + 2) : 0,
    length: view.getUint16(16),
  };
}

export function isIpv4(frame: CapturedFrame): boolean {
  return frame.data[12] === 8 && frame.data[13] === 0;
}

/** Every passage of a hook in namespace `ns`, with the frame that belongs to it. */
export function passages(stories: PacketStory[], ns: string, frames: CapturedFrame[]): AtHook[] {
  // The file holds the namespace's frames in the order of the events.
  const numbers = stories
    .flatMap((story) => story.legs)
    .filter((leg) => leg.namespace === ns)
    .flatMap((leg) => leg.steps)
    .filter((step) => step.kind === "in" || step.kind === "out")
    .map((step) => step.n)
    .sort((a, b) => a - b);
  if (numbers.length !== frames.length)
    throw new Error(`${ns}: ${numbers.length} steps, ${frames.length} frames`);
  const frameOf = new Map(numbers.map((n, i) => [n, frames[i] as CapturedFrame]));
  const found: AtHook[] = [];
  for (const story of stories)
    for (const leg of story.legs) {
      if (leg.namespace !== ns) continue;
      leg.steps.forEach((step, i) => {
        if (step.kind !== "hook") return;
        const hook = String(step.facts.hook);
        const wanted = hook === "OUTPUT" || hook === "POSTROUTING" ? "out" : "in";
        const near =
          wanted === "in" && leg.steps.slice(0, i).some((s) => s.kind === "in")
            ? leg.steps.slice(0, i).reverse()
            : leg.steps.slice(i);
        const seen = near.find((s) => s.kind === "in" || s.kind === "out");
        const frame = seen && frameOf.get(seen.n);
        if (!frame || !isIpv4(frame)) return;
        // At the first hook the connection is looked up after the hook is entered.
        const until = leg.steps.findIndex((s, k) => k > i && s.kind === "hook");
        const here = leg.steps.slice(i, until < 0 ? undefined : until);
        const connection = here.find((s) => s.kind === "conntrack");
        found.push({
          hook,
          in: String(step.facts.in ?? ""),
          out: String(step.facts.out ?? ""),
          mark: Number(step.facts.mark),
          connmark: Number(connection ? connection.facts.connmark : step.facts.connmark),
          frame,
        });
      });
    }
  return found;
}

/** "0x200/0x200" -> [0x200, 0x200]; without a mask, all bits. */
function marked(text: string): [number, number] {
  const [value = "0", mask = "0xffffffff"] = text.split("/");
  return [Number(value), Number(mask)];
}

function inPrefix(address: string, prefix: string): boolean {
  const [net = "", length = "32"] = prefix.split("/");
  const shift = 32 - Number(length);
  const a = parseIpv4(address) ?? 0;
  const b = parseIpv4(net) ?? 0;
  return shift === 32 || a >>> shift === b >>> shift;
}

export interface Tally {
  packets: number;
  bytes: number;
}

/**
 * Send packets through one table as iptables-save printed it; answers the counters that its rules
 * should have. `sets` are the ipsets' members.
 */
export function tally(
  save: string,
  packets: AtHook[],
  sets: Record<string, string[]>,
): Map<string, Tally> {
  const rules = save
    .split("\n")
    .filter((line) => /^(\[\d+:\d+\] )?-A /.test(line))
    .map((line) => line.replace(/^\[.*?\] /, ""));
  const counts = rules.map(() => ({ packets: 0, bytes: 0 }));
  const jump = /-j ztunnel-(\S+)$/;

  const matches = (rule: string, p: AtHook, mark: number): boolean => {
    const head = headOf(p.frame.data);
    const words = rule.split(" ");
    let negated = false;
    let set = "";
    for (let i = 2; i < words.length; i++) {
      const word = words[i] as string;
      const value = words[i + 1] ?? "";
      let holds: boolean | null = null;
      if (word === "!") {
        negated = true;
        continue;
      }
      if (word === "-j") break;
      if (word === "-m") set = value;
      else if (word === "-i") holds = p.in === value;
      else if (word === "-o") holds = p.out === value;
      else if (word === "-s") holds = inPrefix(head.src, value);
      else if (word === "-d") holds = inPrefix(head.dst, value);
      else if (word === "-p") holds = head.protocol === value;
      else if (word === "--dport") holds = head.dport === Number(value);
      else if (word === "--match-set") holds = (sets[value] ?? []).includes(head.src);
      else if (word === "--mark") {
        const [want, mask] = marked(value);
        holds = ((set === "connmark" ? p.connmark : mark) & mask) === want;
      } else if (word.startsWith("-")) throw new Error(`cannot judge ${word} in ${rule}`);
      if (holds === null) continue;
      if (holds === negated) return false;
      negated = false;
    }
    return true;
  };

  const walk = (chain: string, p: AtHook, state: { mark: number }): boolean => {
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as string;
      if (!rule.startsWith(`-A ${chain} `) || !matches(rule, p, state.mark)) continue;
      const count = counts[i] as Tally;
      count.packets++;
      count.bytes += headOf(p.frame.data).length;
      const [, value = ""] = /-j MARK --set-xmark (\S+)/.exec(rule) ?? [];
      if (value) {
        const [bits, mask] = marked(value);
        state.mark = ((state.mark & ~mask) ^ bits) >>> 0;
      } else if (/-j RETURN$/.test(rule)) return false;
      else if (/-j TPROXY/.test(rule)) return true;
      else if (jump.test(rule)) {
        if (walk(`ztunnel-${jump.exec(rule)?.[1]}`, p, state)) return true;
      } else if (!/-j (CONNMARK|LOG)/.test(rule)) throw new Error(`cannot judge ${rule}`);
    }
    return false;
  };

  for (const p of packets) walk(p.hook, p, { mark: p.mark });
  // The same text may stand twice: each keeps its place.
  return new Map(rules.map((rule, i) => [`${i + 1} ${rule}`, counts[i] as Tally]));
}

/** The counters in what `iptables-save -c` printed, under the same names. */
export function counters(save: string): Map<string, Tally> {
  const found = new Map<string, Tally>();
  for (const [, packets, bytes, rule] of save.matchAll(/^\[(\d+):(\d+)\] (-A .*)$/gm))
    found.set(`${found.size + 1} ${rule}`, { packets: Number(packets), bytes: Number(bytes) });
  return found;
}
