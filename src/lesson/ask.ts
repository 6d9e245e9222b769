import { fill } from "../base/words.ts";
import { storyOf } from "../journey/tell.ts";
import { sectionsOf, TOPICS } from "../world/tables.ts";
import { type Evidence, findPacket, packetFits } from "./check.ts";
import type { Ask } from "./spec.ts";

/** How somebody answered: what they typed, the option's place, the packet that they opened, the line. */
export type Answer = { text: string } | { option: number } | { packet: number } | { row: string };

/** Case, quotes and spaces decide nothing. */
function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/["'`“”]/g, "")
    .replace(/\s+/g, " ");
}

/** Null when the answer is right; else what to say to it. */
export function answerComplaint(ask: Ask, answer: Answer, evidence: Evidence): string | null {
  const { say } = evidence;
  if (ask.kind === "type" && "text" in answer)
    return ask.answers.some((one) => plain(one) === plain(answer.text))
      ? null
      : fill(say.wrongAnswer, { answer: answer.text.trim() });
  if (ask.kind === "choose" && "option" in answer) {
    const option = ask.options[answer.option];
    return option?.right ? null : option?.say || say.wrong;
  }
  if (ask.kind === "packet" && "packet" in answer) {
    evidence.reader.read();
    const story = storyOf(evidence.reader, answer.packet);
    if (!story) return say.forgotten;
    return packetFits(ask.want, story, say);
  }
  if (ask.kind === "row" && "row" in answer)
    return answer.row.includes(ask.text) ? null : say.wrongRow;
  return say.wrong;
}

/** For the proof: answers that must be right, and some that must not be. */
export function answersTo(ask: Ask, evidence: Evidence): { right: Answer[]; wrong: Answer[] } {
  switch (ask.kind) {
    case "type":
      return {
        right: ask.answers.slice(0, 1).map((text) => ({ text })),
        wrong: [{ text: "" }, { text: "something else" }],
      };
    case "choose":
      return {
        right: ask.options.flatMap(({ right }, option) => (right ? [{ option }] : [])),
        wrong: ask.options.flatMap(({ right }, option) => (right ? [] : [{ option }])),
      };
    case "packet": {
      const found = findPacket(ask.want, evidence);
      const all = [...evidence.reader.stories.keys()];
      const other = all.find((skb) => {
        const story = storyOf(evidence.reader, skb);
        return story !== null && packetFits(ask.want, story, evidence.say) !== null;
      });
      return {
        right: "skb" in found ? [{ packet: found.skb }] : [],
        wrong: other === undefined ? [] : [{ packet: other }],
      };
    }
    case "row": {
      const { world } = evidence;
      const spaces = [...world.machines.values()].flatMap(({ kernel }) => kernel.namespaces);
      const rows = spaces.flatMap(({ id }) =>
        TOPICS.flatMap((topic) => sectionsOf(world, id, topic).flatMap((one) => one.rows)),
      );
      const row = rows.find(({ text }) => text.includes(ask.text))?.text;
      return { right: row === undefined ? [] : [{ row }], wrong: [{ row: "COMMIT" }] };
    }
  }
}
