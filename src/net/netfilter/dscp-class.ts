import { XtUsageError } from "./extension.ts";

/** RFC 2474 §4.2.2, RFC 2597 §6, RFC 3246 §3 */
const CLASSES: readonly (readonly [string, number])[] = [
  ["CS0", 0x00],
  ["CS1", 0x08],
  ["CS2", 0x10],
  ["CS3", 0x18],
  ["CS4", 0x20],
  ["CS5", 0x28],
  ["CS6", 0x30],
  ["CS7", 0x38],
  ["BE", 0x00],
  ["AF11", 0x0a],
  ["AF12", 0x0c],
  ["AF13", 0x0e],
  ["AF21", 0x12],
  ["AF22", 0x14],
  ["AF23", 0x16],
  ["AF31", 0x1a],
  ["AF32", 0x1c],
  ["AF33", 0x1e],
  ["AF41", 0x22],
  ["AF42", 0x24],
  ["AF43", 0x26],
  ["EF", 0x2e],
];
/** linux: include/uapi/linux/netfilter/xt_dscp.h, XT_DSCP_MAX */
export const DSCP_MAX = 0x3f;

/** The code point of a DiffServ class; what follows its name is not looked at, as in the real tool. */
export function parseDscpClass(text: string): number {
  const known = CLASSES.find(([name]) => text.toUpperCase().startsWith(name));
  if (!known) throw new XtUsageError(`Invalid DSCP value \`${text}'`);
  return known[1];
}
