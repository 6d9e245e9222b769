import { type Errno, strerror } from "../base/errno.ts";

/**
 * The kernel refused a change: its errno, and the words that it sent along (extack), which
 * iproute2 prints as "Error: words." instead of "RTNETLINK answers: …".
 */
export class NetlinkError extends Error {
  errno: Errno;
  extack: string;

  constructor(errno: Errno, extack = "") {
    super(extack || strerror(errno));
    this.errno = errno;
    this.extack = extack;
  }
}
