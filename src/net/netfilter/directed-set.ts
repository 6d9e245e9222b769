import type { Skb } from "../skb.ts";
import { type GivenOption, type XtContext, type XtParam, XtUsageError } from "./extension.ts";
import type { PacketKey } from "./ipset/data.ts";
import { type IpSet, NAME_LENGTH } from "./ipset/set.ts";

/** linux: include/uapi/linux/netfilter/ipset/ip_set.h, IPSET_DIM_MAX */
const MAX_DIMENSION = 6;

/** A set, and for each of its dimensions the side of the packet (linux: struct xt_set_info). */
export interface DirectedSet {
  set: IpSet;
  /** true: src. */
  source: boolean[];
}

/** `--match-set NAME src,dst` (libxt_set.h). */
export function parseDirectedSet(
  options: readonly GivenOption[],
  name: string,
  context: XtContext,
): DirectedSet {
  let found: DirectedSet | null = null;
  for (const option of options) {
    if (option.name !== name && option.name !== "set") continue;
    if (option.name === "set")
      context.warnings.push("--set option deprecated, please use --match-set");
    if (found) throw new XtUsageError(`--${name} can be specified only once`);
    const [setName = "", directions] = option.values;
    if (directions === undefined) throw new XtUsageError(`--${name} requires two args.`);
    if (setName.length > NAME_LENGTH - 1)
      throw new XtUsageError(`setname \`${setName}' too long, max ${NAME_LENGTH - 1} characters.`);
    const set = context.ns.ipsets.get(setName);
    if (!set) throw new XtUsageError(`Set ${setName} doesn't exist.\n`);
    const words = directions.split(",");
    const source = words.slice(0, MAX_DIMENSION).map((word) => {
      if (word.startsWith("src")) return true;
      if (word.startsWith("dst")) return false;
      throw new XtUsageError("You must spefify (the comma separated list of) 'src' or 'dst'.");
    });
    if (words.length > MAX_DIMENSION)
      throw new XtUsageError(`Can't be more src/dst options than ${MAX_DIMENSION}.`);
    found = { set, source };
  }
  if (!found) throw new XtUsageError(`You must specify \`--${name}' with proper arguments`);
  return found;
}

/** "NAME src,dst" */
export function directionsText(directed: DirectedSet): string {
  return `${directed.set.name} ${directed.source.map((source) => (source ? "src" : "dst")).join(",")}`;
}

/** What the set is asked about a packet. */
export function packetKey(directed: DirectedSet, skb: Skb, par: XtParam): PacketKey {
  return {
    skb,
    in: par.in,
    out: par.out,
    thoff: par.thoff,
    fragOffset: par.fragOffset,
    source: directed.source,
  };
}
