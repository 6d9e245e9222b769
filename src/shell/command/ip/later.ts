import type { Process, Run } from "../../../host/process.ts";
import { Absent } from "../../../sim/part.ts";
import type { IpContext, Words } from "./context.ts";

/** Objects of `ip` that no network needs to begin with. */
export interface LaterObjects {
  rule(ctx: IpContext, words: Words): void;
  neigh(ctx: IpContext, words: Words): void;
  monitor(p: Process, ctx: IpContext, words: Words): Run;
}

export const LATER_PART = "ip-more";

/** They come when they are used; whoever starts the engine fills it, so it is no state of a world. */
const installed: LaterObjects[] = [];

export function installLaterObjects(objects: LaterObjects): void {
  if (!installed.includes(objects)) installed.push(objects);
}

export function haveLater(): boolean {
  return installed.length > 0;
}

/** Throws Absent. */
export function laterObjects(): LaterObjects {
  const [found] = installed;
  if (!found) throw new Absent(LATER_PART);
  return found;
}
