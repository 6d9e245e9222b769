import type {
  GivenOption,
  MatchExtension,
  TargetExtension,
} from "../../../net/netfilter/extension.ts";
import type { InterfaceMatch } from "../../../net/netfilter/table.ts";
import type { MaskedAddress } from "./address.ts";
import type { CommandLetter, OptionLetter } from "./command-line.ts";

/** linux: include/uapi/linux/netfilter/x_tables.h, XT_EXTENSION_MAXNAMELEN, with its final zero */
export const MAX_NAME = 29;
export const VERDICTS = ["ACCEPT", "DROP", "QUEUE", "RETURN"];

/** `-h`, `-V`: print this and be done. */
export class Answer extends Error {
  text: string;
  constructor(text: string) {
    super("answer");
    this.text = text;
  }
}

/** "Bad argument": its line has no program name before it. */
export class BadArgument extends Error {}

/** A match or the target while its options are collected. */
export class Loaded {
  extension: MatchExtension | TargetExtension;
  isTarget: boolean;
  given: GivenOption[] = [];
  /** The extension's own data, when all its options have been seen. */
  info: unknown = null;
  /** Another match of the same name came after it: options are not for this one any more. */
  completed = false;

  constructor(extension: MatchExtension | TargetExtension, isTarget: boolean) {
    this.extension = extension;
    this.isTarget = isTarget;
  }
}

/** What a command line says. */
export class ParsedCommand {
  command: CommandLetter | null = null;
  /** -Z together with -L or -S. */
  alsoZero: "" | "Z" | "Z#" = "";
  chain: string | null = null;
  number = 0;
  newName = "";
  policy = "";
  table = "filter";
  options = new Set<OptionLetter>();
  verbose = 0;
  jump = "";
  goto = false;
  target: Loaded | null = null;
  matches: Loaded[] = [];
  protocol = 0;
  protocolInvert = false;
  sources: MaskedAddress[] = [];
  sourceInvert = false;
  destinations: MaskedAddress[] = [];
  destinationInvert = false;
  in: InterfaceMatch = { name: "", wildcard: false, invert: false };
  out: InterfaceMatch = { name: "", wildcard: false, invert: false };
  fragment: boolean | null = null;
  packets = 0;
  bytes = 0;
  /** The line was for ip6tables-restore. */
  ignored = false;
}
