import { concatBytes } from "../base/text.ts";
import { Ev, type Trace } from "../sim/trace.ts";
import { interfaceBlock, packetBlock, sectionHeader } from "../wire/pcapng.ts";
import type { JourneyReader } from "./reader.ts";
import type { Step } from "./story.ts";
import { storyOf, wordsOf } from "./tell.ts";

/** Decisions worth a comment; the rest is told by the packet itself. */
const TOLD = new Set<Step["kind"]>([
  "rule",
  "policy",
  "mark",
  "connmark",
  "nat",
  "route",
  "encap",
  "decap",
  "socket",
  "tproxy",
  "drop",
  "bridge",
  "neigh",
]);

/** One line for one decision. */
function told(step: Step): string {
  if (step.kind === "rule") {
    const verdict = String(step.facts.verdict);
    const shown = verdict === "CONTINUE" || verdict === "JUMP" ? "" : `: ${verdict}`;
    return `${step.facts.table}/${step.facts.chain} rule ${step.facts.rule}${shown} (${step.facts.text})`;
  }
  if (step.kind === "policy")
    return `${step.facts.table}/${step.facts.chain} policy ${step.facts.verdict}`;
  if (step.kind === "route") return `route: ${step.text}`;
  return step.text;
}

/** Frames of one namespace as a pcapng file, each with its device, direction and decisions. */
export interface CaptureFile {
  ns: number;
  name: string;
  packets: number;
  data: Uint8Array;
}

/** A frame as a device saw it. */
export interface Frame {
  /** Number of the trace event. */
  n: number;
  ns: number;
  ifindex: number;
  out: boolean;
  data: Uint8Array;
  skb: number;
}

/** Which frames: of a namespace, of one of its devices. */
export interface Place {
  ns: number;
  ifindex?: number;
}

/**
 * Every frame that crossed a device, from the trace, oldest first. One that comes in is the tail of
 * the bytes that were last sent under the same packet: only a tunnel's header comes off.
 */
export function* framesOf(trace: Trace, from = trace.first): Generator<Frame> {
  const last = new Map<number, Uint8Array>();
  for (let n = Math.max(from, trace.first); n < trace.next; n++) {
    const e = trace.event(n);
    if (!e || (e.kind !== Ev.TX && e.kind !== Ev.RX)) continue;
    let data: Uint8Array | null;
    if (e.kind === Ev.TX) {
      data = trace.bytesOf(n);
      if (data) last.set(e.skb, data);
    } else {
      const sent = last.get(e.skb) ?? null;
      data = sent ? sent.subarray(Math.max(0, sent.length - (e.args[1] ?? 0))) : null;
    }
    if (data)
      yield { n, ns: e.ns, ifindex: e.args[0] ?? 0, out: e.kind === Ev.TX, data, skb: e.skb };
  }
}

/** Everything that crossed a device of a namespace; with `place`, of that one only. */
export function captures(
  trace: Trace,
  reader: JourneyReader,
  from = trace.first,
  place: Place | null = null,
): CaptureFile[] {
  reader.read();
  const words = wordsOf(reader);
  const frames = new Map<number, Frame[]>();
  for (const frame of framesOf(trace, from)) {
    if (place && frame.ns !== place.ns) continue;
    if (place?.ifindex !== undefined && frame.ifindex !== place.ifindex) continue;
    const list = frames.get(frame.ns) ?? [];
    frames.set(frame.ns, list);
    list.push(frame);
  }
  const files: CaptureFile[] = [];
  for (const [ns, list] of frames) {
    const devices = [...new Set(list.map((frame) => frame.ifindex))];
    const parts = [sectionHeader("Hopscope")];
    for (const name of devices.map((ifindex) => words.device(ns, ifindex)))
      parts.push(interfaceBlock({ name, linkType: 1 }));
    for (const frame of list) {
      const at = trace.event(frame.n)?.at ?? 0;
      parts.push(
        packetBlock({
          interface: devices.indexOf(frame.ifindex),
          time: BigInt(trace.sim.epoch) * 1_000_000n + BigInt(Math.round(at)),
          data: frame.data,
          length: frame.data.length,
          direction: frame.out ? "out" : "in",
          comment: comment(reader, frame, ns),
        }),
      );
    }
    const name = trace.catalogue.netns.get(ns)?.name ?? `netns-${ns}`;
    files.push({ ns, name, packets: list.length, data: concatBytes(parts) });
  }
  return files;
}

/**
 * What the kernel decided: for a frame that came in, everything up to where it is next seen; for
 * one that goes out, what led there since it was last seen.
 */
function comment(reader: JourneyReader, frame: Frame, ns: number): string {
  const story = storyOf(reader, frame.skb);
  if (!story) return "";
  const steps = story.legs.flatMap((leg) => (leg.ns === ns ? leg.steps : []));
  const here = steps.findIndex((step) => step.n === frame.n);
  if (here < 0) return "";
  const seen = (step: Step): boolean => step.kind === "in" || step.kind === "out";
  const lines: string[] = [];
  if (frame.out) {
    let begin = here;
    while (begin > 0 && !seen(steps[begin - 1] as Step)) begin--;
    const led = steps.slice(begin, here);
    for (const step of led) if (TOLD.has(step.kind)) lines.push(told(step));
    // Nothing was decided about a question of ARP but to ask it.
    if (!lines.length) for (const step of led) if (step.kind === "born") lines.push(step.text);
  } else {
    for (const step of steps.slice(here + 1)) {
      if (seen(step)) break;
      if (TOLD.has(step.kind)) lines.push(told(step));
    }
  }
  return lines.join("\n");
}
