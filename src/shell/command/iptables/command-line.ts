import type { HasArgument, LongOption } from "./getopt.ts";

/** A command of iptables (iptables: xshared.h, CMD_*), by its letter; the numbered forms end in "#". */
export type CommandLetter =
  | "A"
  | "C"
  | "D"
  | "D#"
  | "R"
  | "I"
  | "L"
  | "S"
  | "F"
  | "Z"
  | "Z#"
  | "N"
  | "X"
  | "E"
  | "P";

/** Options that commands allow or not, in the order in which they are checked. */
export const OPTION_LETTERS = ["n", "s", "d", "p", "j", "v", "x", "i", "o", "0", "c", "f"] as const;
export type OptionLetter = (typeof OPTION_LETTERS)[number];

/** Which options a command takes (iptables: xshared.c, commands_v_options). */
const RULE_OPTIONS = "sdpjviocf";
export const ALLOWED: Record<CommandLetter, string> = {
  I: RULE_OPTIONS,
  D: "sdpjviof",
  "D#": "v",
  R: RULE_OPTIONS,
  A: RULE_OPTIONS,
  L: "nvx0",
  F: "v",
  Z: "v",
  N: "v",
  X: "v",
  P: "vc",
  E: "v",
  S: "v",
  "Z#": "v",
  C: "sdpjviof",
};

export interface BaseOption extends LongOption {
  letter: string;
}

function base(name: string, letter: string, argument: HasArgument): BaseOption {
  return { name, letter, argument };
}

export const BASE_OPTIONS: readonly BaseOption[] = [
  base("append", "A", "required"),
  base("delete", "D", "required"),
  base("check", "C", "required"),
  base("insert", "I", "required"),
  base("replace", "R", "required"),
  base("list", "L", "optional"),
  base("list-rules", "S", "optional"),
  base("flush", "F", "optional"),
  base("zero", "Z", "optional"),
  base("new-chain", "N", "required"),
  base("delete-chain", "X", "optional"),
  base("rename-chain", "E", "required"),
  base("policy", "P", "required"),
  base("source", "s", "required"),
  base("destination", "d", "required"),
  base("src", "s", "required"),
  base("dst", "d", "required"),
  base("protocol", "p", "required"),
  base("in-interface", "i", "required"),
  base("jump", "j", "required"),
  base("table", "t", "required"),
  base("match", "m", "required"),
  base("numeric", "n", "none"),
  base("out-interface", "o", "required"),
  base("verbose", "v", "none"),
  base("wait", "w", "optional"),
  base("wait-interval", "W", "optional"),
  base("exact", "x", "none"),
  base("fragments", "f", "none"),
  base("version", "V", "none"),
  base("help", "h", "optional"),
  base("line-numbers", "0", "none"),
  base("modprobe", "M", "required"),
  base("set-counters", "c", "required"),
  base("goto", "g", "required"),
  base("ipv4", "4", "none"),
  base("ipv6", "6", "none"),
];

/** The letters of the command line: the options above, but for those that have only a long name. */
export const LETTERS: ReadonlyMap<string, HasArgument> = new Map(
  BASE_OPTIONS.filter(({ letter }) => letter !== "0").map(({ letter, argument }) => [
    letter,
    argument,
  ]),
);
