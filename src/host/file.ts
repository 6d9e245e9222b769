import type { WaitQueue } from "../sim/wait.ts";

/**
 * An open file description (linux: struct file): what a file descriptor points at. Shared by fork
 * and dup, so it counts its holders; the last release closes it.
 */
export interface OpenFile {
  /** Is this a terminal? (`isatty`: decides colour and buffering.) */
  readonly isTty: boolean;
  /** Woken when reading, or writing, may go on. */
  readonly readable: WaitQueue;
  readonly writable: WaitQueue;
  /** Up to `max` bytes; "EAGAIN" when one has to wait for `readable`. May throw SysError. */
  read(max: number): Uint8Array | "EAGAIN" | "EOF";
  /** How many bytes were taken (0: wait for `writable`), or "EPIPE". May throw SysError. */
  write(data: Uint8Array): number | "EPIPE";
  hold(): void;
  release(): void;
}
