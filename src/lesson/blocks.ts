import type { Block } from "./spec.ts";

/** Blocks of a step's prose and all that stand within them, in the order in which they are read. */
export function* everyBlock(blocks: readonly Block[]): Generator<Block> {
  for (const block of blocks) {
    yield block;
    if (block.kind === "quote") yield* everyBlock(block.blocks);
    if (block.kind === "list") for (const item of block.items) yield* everyBlock(item);
  }
}
