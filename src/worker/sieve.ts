import {
  type Filter,
  type FilterProblem,
  isProblem,
  looksLikeFilter,
  matchesFilter,
  parseFilter,
} from "../journey/display-filter.ts";
import type { FilterWords } from "../journey/english.ts";
import type { JourneyReader } from "../journey/reader.ts";
import type { PacketStory } from "../journey/story.ts";
import { storyOf } from "../journey/tell.ts";

/** The filter of the journeys, and which packets it has let through: stories that are over do not change. */
export class Sieve {
  say: FilterWords;
  text = "";
  filter: Filter | null = null;
  /** Words to look for, when the text is no filter. */
  words: string[] = [];
  known = new Map<number, boolean>();

  constructor(say: FilterWords) {
    this.say = say;
  }

  /** Everything passes. */
  get isOpen(): boolean {
    return this.filter === null && this.words.length === 0;
  }

  set(text: string): FilterProblem | null {
    if (text === this.text) return null;
    this.known.clear();
    this.filter = null;
    this.words = [];
    this.text = text;
    if (!looksLikeFilter(text)) {
      this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
      return null;
    }
    const filter = parseFilter(text, this.say);
    if (!isProblem(filter)) {
      this.filter = filter;
      return null;
    }
    // It is asked about again until it is mended.
    this.text = "";
    return filter;
  }

  fits(story: PacketStory): boolean {
    const known = this.known.get(story.skb);
    if (known !== undefined) return known;
    const fits = this.filter ? matchesFilter(this.filter, story) : this.says(story);
    if (fits || story.end !== "") this.known.set(story.skb, fits);
    return fits;
  }

  says({ head, what, reason }: PacketStory): boolean {
    const ends = `${head.src}:${head.srcPort} ${head.dst}:${head.dstPort}`;
    const text = `${head.protocol} ${ends} ${what} ${reason}`.toLowerCase();
    return this.words.every((word) => text.includes(word));
  }

  /** Does one of the packets fit? */
  passes(packets: readonly number[], reader: JourneyReader): boolean {
    if (this.isOpen) return true;
    return packets.some((skb) => {
      const known = this.known.get(skb);
      if (known !== undefined) return known;
      const story = storyOf(reader, skb);
      return story !== null && this.fits(story);
    });
  }
}
