import type { InterfaceMatch, Rule, RuleTarget } from "../../../net/netfilter/table.ts";

/** Are the data of two matches or targets the same, but for what changes while packets pass? */
function sameInfo(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    const x = a as unknown as ArrayLike<unknown>;
    const y = b as unknown as ArrayLike<unknown>;
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!sameInfo(x[i], y[i])) return false;
    return true;
  }
  // Sets and the like are the same only when they are one.
  if (Object.getPrototypeOf(a) !== Object.prototype) return false;
  const x = a as Record<string, unknown>;
  const y = b as Record<string, unknown>;
  for (const key of Object.keys(x)) if (key !== "state" && !sameInfo(x[key], y[key])) return false;
  return true;
}

function sameTarget(a: RuleTarget, b: RuleTarget): boolean {
  if (a.kind === "extension" && b.kind === "extension")
    return a.extension === b.extension && sameInfo(a.info, b.info);
  if (a.kind === "verdict" && b.kind === "verdict") return a.verdict === b.verdict;
  if (a.kind === "jump" && b.kind === "jump") return a.chain === b.chain && a.goto === b.goto;
  return a.kind === "none" && b.kind === "none";
}

function sameDevice(a: InterfaceMatch, b: InterfaceMatch): boolean {
  return a.name === b.name && a.wildcard === b.wildcard && a.invert === b.invert;
}

/** Would `-C` take one for the other? (libiptc: is_same, target_same) */
export function sameRule(a: Rule, b: Rule): boolean {
  return (
    a.src === b.src &&
    a.srcMask === b.srcMask &&
    a.srcInvert === b.srcInvert &&
    a.dst === b.dst &&
    a.dstMask === b.dstMask &&
    a.dstInvert === b.dstInvert &&
    a.protocol === b.protocol &&
    a.protocolInvert === b.protocolInvert &&
    a.fragment === b.fragment &&
    sameDevice(a.in, b.in) &&
    sameDevice(a.out, b.out) &&
    a.matches.length === b.matches.length &&
    sameTarget(a.target, b.target) &&
    a.matches.every((match, i) => {
      const other = b.matches[i];
      return match.extension === other?.extension && sameInfo(match.info, other.info);
    })
  );
}
