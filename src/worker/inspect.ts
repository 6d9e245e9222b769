import { Conversations } from "../dissect/conversation.ts";
import type { Dissection } from "../dissect/tree.ts";
import { type Frame, framesOf } from "../journey/capture.ts";
import type { World } from "../world/world.ts";

/**
 * What a device saw, byte by byte. The frames that it saw before are read too: what a segment carries
 * depends on them.
 */
export function inspect(world: World, n: number): Dissection | null {
  const { trace } = world.sim;
  const before: Frame[] = [];
  let wanted: Frame | null = null;
  const event = trace.event(n);
  for (const frame of framesOf(trace)) {
    if (frame.ns !== event?.ns || frame.ifindex !== event.args[0]) continue;
    before.push(frame);
    if (frame.n === n) {
      wanted = frame;
      break;
    }
  }
  if (!wanted) return null;
  const reader = new Conversations();
  reader.keyLog.update(world.keyLog);
  let found: Dissection | null = null;
  for (const frame of before) found = reader.push(frame.data);
  return found;
}
