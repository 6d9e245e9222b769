import { SysError } from "../base/errno.ts";
import type { Sim } from "../sim/sim.ts";
import { Held } from "./open.ts";

/** linux: fs/pipe.c; 16 pages. */
const CAPACITY = 65536;

/** The bytes between two processes. */
class Pipe {
  sim: Sim;
  chunks: Uint8Array[] = [];
  length = 0;
  reader: PipeEnd | null = null;
  writer: PipeEnd | null = null;

  constructor(sim: Sim) {
    this.sim = sim;
  }
}

class PipeEnd extends Held {
  pipe: Pipe;
  side: "read" | "write";

  constructor(pipe: Pipe, side: "read" | "write") {
    super();
    this.pipe = pipe;
    this.side = side;
  }

  override read(max: number): Uint8Array | "EAGAIN" | "EOF" {
    const pipe = this.pipe;
    if (this.side !== "read") throw new SysError("EBADF");
    const first = pipe.chunks[0];
    if (!first) return pipe.writer ? "EAGAIN" : "EOF";
    let data = first;
    if (first.length > max) {
      data = first.subarray(0, max);
      pipe.chunks[0] = first.subarray(max);
    } else pipe.chunks.shift();
    pipe.length -= data.length;
    pipe.writer?.writable.wakeAll(pipe.sim);
    return data;
  }

  override write(data: Uint8Array): number | "EPIPE" {
    const pipe = this.pipe;
    if (this.side !== "write") throw new SysError("EBADF");
    if (!pipe.reader) return "EPIPE";
    const room = Math.min(CAPACITY - pipe.length, data.length);
    if (room <= 0) return 0;
    pipe.chunks.push(data.slice(0, room));
    pipe.length += room;
    pipe.reader.readable.wakeAll(pipe.sim);
    return room;
  }

  override close(): void {
    const pipe = this.pipe;
    if (this.side === "read") {
      pipe.reader = null;
      pipe.writer?.writable.wakeAll(pipe.sim);
    } else {
      pipe.writer = null;
      pipe.reader?.readable.wakeAll(pipe.sim);
    }
  }
}

/** pipe(2): what is written to `write` is read from `read`. */
export function makePipe(sim: Sim): { read: PipeEnd; write: PipeEnd } {
  const pipe = new Pipe(sim);
  pipe.reader = new PipeEnd(pipe, "read");
  pipe.writer = new PipeEnd(pipe, "write");
  return { read: pipe.reader, write: pipe.writer };
}
