import type { Move } from "../../worker/protocol.ts";

/** More than this waits for nobody: the oldest go. */
const LIMIT = 1500;
/** Hops that begin within so many ns of each other fly together. */
const TOGETHER = 2000;
const CROWD = 10;
const SLOWEST = 220;
const FASTEST = 45;
/** From so many hops waiting on, time is pressing. */
const PATIENT = 16;
/** From so many on it is a flood: nobody follows one packet, everybody sees where they flow. */
const FLOOD = 200;
const FLOOD_CROWD = 300;
const FLOOD_PACE = 90;

/** Moves that are shown at one time. */
export interface Beat {
  moves: Move[];
  /** ms. */
  duration: number;
}

/** Packets that moved and have not been shown yet: in order, at a pace that a person can follow. */
export class MoveQueue {
  moves: Move[] = [];

  add(moves: Move[]): void {
    this.moves.push(...moves);
    if (this.moves.length > LIMIT) this.moves.splice(0, this.moves.length - LIMIT);
  }

  clear(): void {
    this.moves = [];
  }

  next(): Beat | null {
    const first = this.moves[0];
    if (!first) return null;
    if (this.moves.length > FLOOD) return this.flood();
    const beat: Move[] = [];
    const seen = new Set<number>();
    for (const move of this.moves) {
      if (move.at - first.at > TOGETHER || seen.has(move.skb) || beat.length >= CROWD) break;
      seen.add(move.skb);
      beat.push(move);
    }
    const waiting = this.moves.length;
    this.moves.splice(0, beat.length);
    const pace = Math.max(FASTEST, SLOWEST * Math.min(1, PATIENT / waiting));
    const faint = beat.every((move) => move.look === "arp");
    return { moves: beat, duration: faint ? pace * 0.6 : pace };
  }

  /** The next hop of every packet that is waiting, as many as can be drawn. */
  flood(): Beat {
    const seen = new Set<number>();
    const moves: Move[] = [];
    this.moves = this.moves.filter((move) => {
      if (moves.length >= FLOOD_CROWD || seen.has(move.skb)) return true;
      seen.add(move.skb);
      moves.push(move);
      return false;
    });
    return { moves, duration: FLOOD_PACE };
  }
}
