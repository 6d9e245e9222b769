import { Absent } from "../../sim/part.ts";
import { erase, type MatchExtension, type TargetExtension } from "./extension.ts";
import { LATER_MATCHES, LATER_TARGETS, MORE_PART } from "./later.ts";
import addrtypeMatch from "./match/addrtype.ts";
import commentMatch from "./match/comment.ts";
import connmarkMatch from "./match/connmark.ts";
import conntrackMatch from "./match/conntrack.ts";
import icmpMatch from "./match/icmp.ts";
import markMatch from "./match/mark.ts";
import ownerMatch from "./match/owner.ts";
import setMatch from "./match/set.ts";
import stateMatch from "./match/state.ts";
import statisticMatch from "./match/statistic.ts";
import tcpMatch from "./match/tcp.ts";
import udpMatch from "./match/udp.ts";
import CONNMARKTarget from "./target/CONNMARK.ts";
import CTTarget from "./target/CT.ts";
import DNATTarget from "./target/DNAT.ts";
import LOGTarget from "./target/LOG.ts";
import MARKTarget from "./target/MARK.ts";
import MASQUERADETarget from "./target/MASQUERADE.ts";
import REDIRECTTarget from "./target/REDIRECT.ts";
import REJECTTarget from "./target/REJECT.ts";
import SNATTarget from "./target/SNAT.ts";
import TPROXYTarget from "./target/TPROXY.ts";

/** What the agents of clusters write; the others are in more.ts. */
const matches: readonly MatchExtension[] = [
  erase(addrtypeMatch),
  erase(commentMatch),
  erase(connmarkMatch),
  erase(conntrackMatch),
  erase(icmpMatch),
  erase(markMatch),
  erase(ownerMatch),
  erase(setMatch),
  erase(stateMatch),
  erase(statisticMatch),
  erase(tcpMatch),
  erase(udpMatch),
];

const targets: readonly TargetExtension[] = [
  erase(CONNMARKTarget),
  erase(CTTarget),
  erase(DNATTarget),
  erase(LOGTarget),
  erase(MARKTarget),
  erase(MASQUERADETarget),
  erase(REDIRECTTarget),
  erase(REJECTTarget),
  erase(SNATTarget),
  erase(TPROXYTarget),
];

/** Extensions by name: those that come later are known by theirs. */
export class Extensions<T extends { name: string }> {
  known = new Map<string, T>();
  later: ReadonlySet<string>;

  constructor(extensions: readonly T[], later: readonly string[]) {
    this.later = new Set(later);
    for (const extension of extensions) this.add(extension);
  }

  add(extension: T): void {
    const { name } = extension;
    if (this.known.has(name)) throw new Error(`two extensions are called "${name}"`);
    this.known.set(name, extension);
  }

  /** Those that come later. The same again is fine. */
  install(extensions: readonly T[]): void {
    for (const extension of extensions) {
      if (!this.later.has(extension.name)) throw new Error(`later.ts has no "${extension.name}"`);
      if (this.known.get(extension.name) !== extension) this.add(extension);
    }
  }

  has(name: string): boolean {
    return this.known.has(name) || this.later.has(name);
  }

  /** Throws Absent. */
  get(name: string): T | undefined {
    const found = this.known.get(name);
    if (!found && this.later.has(name)) throw new Absent(MORE_PART);
    return found;
  }

  names(): string[] {
    return [...new Set([...this.known.keys(), ...this.later])].sort();
  }

  /** All that have come, by name. */
  all(): T[] {
    return [...this.known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/**
 * What may follow -m, and what may follow -j besides verdicts and chains. Whoever starts the engine adds
 * what comes later, so they are no state of a world.
 */
export const MATCHES = new Extensions(matches, LATER_MATCHES);
export const TARGETS = new Extensions(targets, LATER_TARGETS);
