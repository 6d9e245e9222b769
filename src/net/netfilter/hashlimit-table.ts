/** What one key has left (linux: struct dsthash_ent). */
export interface HashlimitEntry {
  /** Nanoseconds of credit, or bytes. */
  credit: number;
  at: number;
  /** --hashlimit-rate-match: packets or bytes in this interval and the last. */
  current: number;
  previous: number;
  since: number;
}

/** One `--hashlimit-name` (linux: net/netfilter/xt_hashlimit.c, struct xt_hashlimit_htable). */
export class HashlimitTable {
  name: string;
  users = 0;
  entries = new Map<string, HashlimitEntry>();

  constructor(name: string) {
    this.name = name;
  }
}
