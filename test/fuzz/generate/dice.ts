import { Rng } from "../../../src/base/rng.ts";

/** Choices of the generator, all from one seed. */
export class Dice {
  rng: Rng;

  constructor(seed: string) {
    this.rng = new Rng(0, seed);
  }

  below(limit: number): number {
    return this.rng.below(limit);
  }

  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** One of the keys, each as often as its number says. */
  weighted<T extends string>(weights: Record<T, number>): T {
    const entries = Object.entries(weights) as [T, number][];
    let left = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return (entries[0] as [T, number])[0];
  }

  /** Between `from` and `to` different ones of a list, in its order. */
  some<T>(list: readonly T[], from: number, to: number): T[] {
    const count = Math.min(this.between(from, to), list.length);
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(this.below(list.length));
    return list.filter((_, i) => chosen.has(i));
  }

  times<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  /** "! " at times. */
  not(percent = 20): string {
    return this.chance(percent) ? "! " : "";
  }
}
