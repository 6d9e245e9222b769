import type { FuzzState, SECTIONS } from "./state.ts";

type Part = (typeof SECTIONS)[number] | "packets";
const PARTS: Part[] = ["packets", "iptables", "ip", "ipset", "sysctl", "tuning"];

/**
 * Lines that stay: a table's frame goes with the table, not before it; without addresses and
 * neighbours a state differs in other things.
 */
function fixed(part: Part, line: unknown): boolean {
  if (typeof line !== "string") return false;
  if (usual(line)) return true;
  return part === "iptables" && /^(\*|COMMIT|:[A-Z]{5,} )/.test(line);
}

/**
 * The smallest state that `fails` still says yes to: whole tables, then halves, quarters … of every list
 * are left out as long as it fails without them (Zeller's ddmin, list by list, until nothing moves).
 */
export async function shrink(
  state: FuzzState,
  fails: (smaller: FuzzState) => Promise<boolean>,
): Promise<FuzzState> {
  let best = state;
  for (let before = -1; before !== size(best); ) {
    before = size(best);
    for (const table of ["raw", "mangle", "nat", "filter", "security"]) {
      const from = best.iptables.indexOf(`*${table}`);
      if (from < 0) continue;
      const to = best.iptables.indexOf("COMMIT", from);
      const rest = best.iptables.filter((_, i) => i < from || i > to);
      const smaller = { ...best, iptables: rest };
      if (await fails(smaller)) best = smaller;
    }
    for (const part of PARTS) best = await shrinkList(best, part, fails);
  }
  return best;
}

/** Every state has it. */
export function usual(line: string): boolean {
  return /^neigh add|^addr add 10\.\d\.0\.1\/|icmp_ratemask|send_redirects=0/.test(line);
}

function size(state: FuzzState): number {
  return PARTS.reduce((sum, part) => sum + state[part].length, 0);
}

async function shrinkList(
  state: FuzzState,
  part: Part,
  fails: (smaller: FuzzState) => Promise<boolean>,
): Promise<FuzzState> {
  let best = state;
  for (
    let step = Math.ceil(best[part].length / 2);
    step >= 1;
    step = step === 1 ? 0 : Math.ceil(step / 2)
  ) {
    // From the end: later packets hang on earlier ones.
    for (let end = best[part].length; end > 0; end -= step) {
      const from = Math.max(0, end - step);
      const list: unknown[] = best[part];
      const kept = list.filter((line, i) => i < from || i >= end || fixed(part, line));
      if (kept.length === list.length) continue;
      const smaller = { ...best, [part]: kept } as FuzzState;
      if (await fails(smaller)) best = smaller;
    }
  }
  return best;
}
