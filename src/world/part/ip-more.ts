import { installLaterObjects } from "../../shell/command/ip/later.ts";
import { ipMonitor } from "../../shell/command/ip/monitor.ts";
import { ipNeigh } from "../../shell/command/ip/neigh.ts";
import { ipRule } from "../../shell/command/ip/rule.ts";

const objects = { rule: ipRule, neigh: ipNeigh, monitor: ipMonitor };

/** Rules, neighbours, and what `ip` says as it happens. */
export function install(): void {
  installLaterObjects(objects);
}
