import type { Process } from "../../../host/process.ts";
import type { NetDevice } from "../../../net/device/device.ts";
import type { NetlinkError } from "../../../net/netlink.ts";
import type { NetNs } from "../../../net/netns.ts";
import type { Json } from "../../lib/json-writer.ts";

/** `ip`'s global options and what it works on. */
export interface IpContext {
  p: Process;
  ns: NetNs;
  details: boolean;
  statistics: number;
  brief: boolean;
  oneline: boolean;
  numeric: boolean;
  /** "inet6" when -6: then there is nothing to show, as in a kernel without IPv6 addresses. */
  family: "any" | "inet" | "inet6" | "link";
  /** -j, and -p: then what is shown is gathered here. */
  json: boolean;
  pretty: boolean;
  list: Json[] | null;
  /** Text for stdout, written when the command is done. */
  out: string;
  /** The command ended the whole program, not only itself. */
  exited?: boolean;
  /** And for stderr: warnings of a command that goes on. */
  err: string;
}

/** Show one thing, as text or as JSON. Called with nothing it makes sure that a list is printed. */
export function print(ctx: IpContext, text?: () => string, json?: () => Json): void {
  if (!ctx.json) {
    if (text) ctx.out += text();
    return;
  }
  ctx.list ??= [];
  if (json) ctx.list.push(json());
}

/** A line for stderr and the exit status: iproute2's own complaints. */
export class IpError extends Error {
  status: number;
  /** The tool calls exit() here, which ends a batch too; -1 always comes from there. */
  exits: boolean;
  constructor(message: string, status: number, exits = status === 255) {
    super(message);
    this.status = status;
    this.exits = exits;
  }
}

/** `Error: …` of argument parsing (iproute2: invarg, missarg, incomplete_command): exits with -1. */
export function invalidArgument(message: string, argument: string): never {
  throw new IpError(`Error: argument "${argument}" is wrong: ${message}\n`, 255);
}

export function incomplete(): never {
  throw new IpError('Command line is not complete. Try option "help"\n', 255);
}

export function duplicateArgument(key: string, value: string): never {
  throw new IpError(`Error: duplicate "${key}": "${value}" is the second value.\n`, 255);
}

/** What netlink's refusal looks like (iproute2: rtnl_talk_error): exits with 2. */
export function netlinkMessage(error: NetlinkError): string {
  return error.extack ? `Error: ${error.extack}.\n` : `RTNETLINK answers: ${error.message}\n`;
}

/** iproute2's `matches`: is `word` the beginning of `full`? */
export function matches(word: string, full: string): boolean {
  return word.length > 0 && full.startsWith(word);
}

/** The first of `names` that `word` begins. */
export function pick<T extends string>(word: string, names: readonly T[]): T | null {
  for (const name of names) if (matches(word, name)) return name;
  return null;
}

/** Words of a command, taken one by one. */
export class Words {
  list: readonly string[];
  at = 0;

  constructor(list: readonly string[]) {
    this.list = list;
  }

  get done(): boolean {
    return this.at >= this.list.length;
  }

  peek(): string {
    return this.list[this.at] ?? "";
  }

  next(): string {
    return this.list[this.at++] ?? "";
  }

  /** The value of an option: NEXT_ARG. */
  value(): string {
    if (this.done) incomplete();
    return this.next();
  }
}

/** "Cannot find device" as ip says it when it is told to change one. */
export function findDevice(ctx: IpContext, name: string): NetDevice {
  const dev = ctx.ns.byName.get(name);
  if (!dev) throw new IpError(`Cannot find device "${name}"\n`, 1);
  return dev;
}
