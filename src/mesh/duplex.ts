import type { WaitQueue } from "../sim/wait.ts";

/** One end of a conversation: a TCP connection, or a stream within one. Errors are SysErrors. */
export interface Duplex {
  readable: WaitQueue;
  writable: WaitQueue;
  recv(max: number): Uint8Array | "EAGAIN" | "EOF";
  /** How much of it was taken. */
  send(data: Uint8Array): number;
  /** Nothing more comes from us. */
  shutdown(how: "write"): void;
  /** We are done with it: a stream that has not ended both ways is reset. */
  close(): void;
}
