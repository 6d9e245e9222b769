import { draw } from "../lesson/figure.ts";
import type { FigureSpec } from "../lesson/spec.ts";
import { checkWordsOf } from "./coach.ts";
import { inspect } from "./inspect.ts";
import type { FigureView } from "./protocol.ts";
import type { WorldSession } from "./session.ts";

/** A lesson's figure, drawn from the machines as they are; null when there is nothing of it yet. */
export function drawFigure(on: WorldSession, figure: FigureSpec): FigureView | null {
  const { world, reader, lesson } = on;
  const say = checkWordsOf(on);
  const drawn = draw(figure, { world, reader, since: lesson?.since ?? 0, say });
  if (drawn?.kind !== "header") return drawn;
  const { kind, skb, what, n } = drawn;
  const read = inspect(world, n);
  return read && { kind, skb, what, layers: read.layers };
}
