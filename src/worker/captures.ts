import { utf8 } from "../base/text.ts";
import { captures, type Place } from "../journey/capture.ts";
import { JourneyReader } from "../journey/reader.ts";
import type { WorldSession } from "./session.ts";

/** What was seen where, as pcapng files; with them, where there was TLS, what reads it. */
export function capturesOf(
  { world, dictionary }: WorldSession,
  place: Place | null = null,
): { name: string; data: Uint8Array }[] {
  const { trace } = world.sim;
  const reader = new JourneyReader(trace, trace.first, dictionary);
  const files = captures(trace, reader, trace.first, place).map(({ name, data }) => ({
    name: `${name}.pcapng`,
    data,
  }));
  const { keyLog } = world;
  // With it, Wireshark reads what the tunnels carry.
  if (files.length && keyLog.length)
    files.push({ name: "keys.log", data: utf8(`${keyLog.join("\n")}\n`) });
  return files;
}
