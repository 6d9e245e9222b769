import type { SetError } from "../../../net/netfilter/ipset/data.ts";
import { type IpSet, NAME_LENGTH } from "../../../net/netfilter/ipset/set.ts";
import { createSet, SET_TYPES } from "../../../net/netfilter/ipset/types.ts";
import type { NetNs } from "../../../net/netns.ts";
import { IpsetSyntax, parseElements, syntax } from "./element.ts";
import { helpText } from "./help.ts";
import { OLD_TYPES } from "./old-types.ts";
import { type ElementOptions, parseCreate, parseElementOptions } from "./options.ts";
import { type PrintSettings, printSets } from "./print.ts";

export const VERSION = "ipset v7.17";

/** Names of commands, tried in this order, and how many arguments they must have (ipset: lib/ipset.c). */
const COMMANDS: readonly (readonly [string, readonly string[], 0 | 1 | 2])[] = [
  ["create", ["create", "new", "-N"], 2],
  ["add", ["add", "-A"], 2],
  ["del", ["del", "-D"], 2],
  ["test", ["test", "-T"], 2],
  ["destroy", ["destroy", "x", "-X"], 0],
  ["list", ["list", "-L"], 0],
  ["save", ["save", "-S"], 0],
  ["restore", ["restore", "-R"], 0],
  ["flush", ["flush", "-F"], 0],
  ["rename", ["rename", "e", "-E"], 2],
  ["swap", ["swap", "w", "-W"], 2],
  ["help", ["help", "-h", "-H"], 0],
  ["version", ["version", "-v", "-V"], 0],
  ["quit", ["quit"], 0],
];

/** A command is known by its beginning, with two dashes or without (ipset: ipset_match_cmd). */
function beginsCommand(word: string, names: readonly string[]): boolean {
  const bare = word.startsWith("--") ? word.slice(2) : word;
  return bare !== "" && word !== "-" && names.some((name) => name.startsWith(bare));
}
/** The kernel's refusals in ipset's words, by command (ipset: lib/errcode.c). */
const WORDS: Record<SetError, string> = {
  EXIST: "Element cannot be added to the set: it's already added",
  NOT_IN: "Element cannot be deleted from the set: it's not added",
  FULL: "Hash is full, cannot add more elements",
  LIST_FULL: "The set is full, more elements cannot be added.",
  RANGE: "Element is out of the range of the set",
  CIDR: "The value of the CIDR parameter of the IP address is invalid",
  ELEM: "Null-valued element, cannot be stored in a hash type of set",
  NAME: "Set to be added/deleted/tested as element does not exist.",
  NAMEREF: "The set to which you referred with 'before' or 'after' does not exist.",
  LOOP: "Sets with list:set type cannot be added to the set.",
  REF_EXIST: "The set to which you referred with 'before' or 'after' is not added to the set.",
  INVALID_PROTO: "Invalid protocol specified",
  EINVAL: "Kernel error received: Invalid argument",
};
const NO_SET = "The set with the given name does not exist";

/** A change of a set's content that has been read and not been sent. */
interface Change {
  command: "add" | "del";
  set: IpSet;
  options: ElementOptions;
  word: string;
  parts: readonly string[];
  exist: boolean;
  line: number;
}

/** One `ipset` on its way: its namespace, what it prints. */
export class IpsetRun {
  ns: NetNs;
  hosts: (name: string) => number[];
  out = "";
  err = "";
  /** Of `restore`. */
  line = 0;
  file: string | null = null;
  pending: Change[] = [];
  exist = false;
  quiet = false;
  print: PrintSettings = { format: "plain", terse: false, namesOnly: false, sorted: false };

  constructor(ns: NetNs, hosts: (name: string) => number[]) {
    this.ns = ns;
    this.hosts = hosts;
  }

  /** Options may stand anywhere; what is left is the command (ipset: ipset_parser). */
  takeOptions(argv: readonly string[]): string[] {
    const words: string[] = [];
    for (let i = 0; i < argv.length; i++) {
      const word = argv[i] as string;
      const option = word.replace(/^--?(?=\w)/, "-");
      if (word === "-!" || option === "-exist") this.exist = true;
      else if (option === "-q" || option === "-quiet") this.quiet = true;
      else if (option === "-s" || option === "-sorted") this.print.sorted = true;
      else if (option === "-n" || option === "-name") this.print.namesOnly = true;
      else if (option === "-t" || option === "-terse") this.print.terse = true;
      else if (option === "-r" || option === "-resolve") continue;
      else if (option === "-f" || option === "-file" || option === "-o" || option === "-output") {
        const value = argv[++i];
        if (value === undefined)
          throw new IpsetSyntax(`Missing mandatory argument to option ${option.slice(0, 2)}`, 2);
        if (option.startsWith("-f")) this.file = value;
        else if (value === "plain" || value === "save" || value === "xml")
          this.print.format = value;
        else throw syntax(`unknown output mode '${value}'`);
      } else words.push(word);
    }
    return words;
  }

  /** The end of `restore`; the exit status. */
  finish(): number {
    try {
      this.commit();
      return 0;
    } catch (error) {
      if (!(error instanceof IpsetSyntax)) throw error;
      return this.fail(error);
    }
  }

  /** A whole command line; the exit status. `restore` comes back as "restore". */
  command(argv: readonly string[]): number | "restore" {
    try {
      const words = this.takeOptions(argv);
      const [word] = words;
      if (word === undefined) throw new IpsetSyntax("No command specified.", 2);
      const found = COMMANDS.find(([, names]) => beginsCommand(word, names));
      if (!found) throw new IpsetSyntax(`No command specified: unknown argument ${word}`, 2);
      const [name, names, count] = found;
      const rest = words.slice(1);
      if (rest.length < count)
        throw new IpsetSyntax(
          `Missing ${rest.length ? "second " : ""}mandatory argument to command ${names[0]}`,
          2,
        );
      if (this.line && ["restore", "help", "version"].includes(name))
        throw new IpsetSyntax(`Command \`${name}' is invalid in restore mode.`, 2);
      return this.run(name, rest);
    } catch (error) {
      if (!(error instanceof IpsetSyntax)) throw error;
      return this.fail(error);
    }
  }

  fail(error: IpsetSyntax): number {
    if (!this.quiet) {
      const where = this.line && error.status === 1 ? `Error in line ${this.line}: ` : "";
      this.err += `${VERSION}: ${where}${error.message}\n`;
      if (error.status === 2) this.err += "Try `ipset help' for more information.\n";
    }
    return error.status;
  }

  noMore(words: readonly string[]): void {
    if (words.length) throw new IpsetSyntax(`Unknown argument ${words[0]}`, 2);
  }

  name(text: string): string {
    if (text.length > NAME_LENGTH - 1)
      throw syntax(`setname '${text}' is longer than ${NAME_LENGTH - 1} characters`);
    return text;
  }

  get(text: string): IpSet {
    const set = this.ns.ipsets.get(this.name(text));
    if (!set) throw new IpsetSyntax(NO_SET);
    return set;
  }

  /** The set that is named, or all of them. */
  some(words: readonly string[]): IpSet[] {
    this.noMore(words.slice(1));
    return words[0] === undefined ? this.ns.ipsets.all() : [this.get(words[0])];
  }

  run(name: string, words: string[]): number | "restore" {
    this.ns.ipsets.collect();
    if (!["create", "add", "del"].includes(name)) this.commit();
    switch (name) {
      case "create":
        this.create(words);
        return 0;
      case "add":
      case "del":
        this.change(name, words);
        return 0;
      case "test":
        return this.test(words);
      case "destroy":
        this.destroy(words);
        return 0;
      case "flush":
        for (const set of this.some(words)) set.data.flush();
        return 0;
      case "list":
      case "save": {
        if (name === "save") this.print.format = "save";
        const sets = this.some(words);
        // Lists come after the sets that are in them (linux: ip_set_dump_do, DUMP_LAST).
        sets.sort(
          (a, b) => Number(a.data.type === "list:set") - Number(b.data.type === "list:set"),
        );
        this.out += printSets(sets, this.print);
        return 0;
      }
      case "rename":
        this.rename(words);
        return 0;
      case "swap":
        this.swap(words);
        return 0;
      case "restore":
        this.noMore(words);
        return "restore";
      case "quit":
        return 0;
      case "help":
        this.out += helpText();
        return 0;
      default:
        this.out += `${VERSION}, protocol version: 7\n`;
        return 0;
    }
  }

  create([name = "", typeName = "", ...words]: string[]): void {
    this.name(name);
    const type = OLD_TYPES[typeName] ?? typeName;
    if (!SET_TYPES.has(type)) throw syntax(`typename '${typeName}' is unknown`);
    const options = parseCreate(type, words, this.hosts);
    this.commit();
    const known = this.ns.ipsets.get(name);
    if (known) {
      const fresh = createSet(this.ns, type, { ...options, initval: 0 });
      const same = fresh !== null && known.data.type === type && sameOptions(known, options);
      if (this.exist && same) return;
      throw new IpsetSyntax("Set cannot be created: set with the same name already exists");
    }
    const data = createSet(this.ns, type, options);
    if (data) this.ns.ipsets.add(name, data);
  }

  /** Elements and options of add, del, test. */
  parse(
    command: string,
    [name = "", word = "", ...words]: string[],
  ): { set: IpSet; options: ElementOptions; word: string; parts: readonly string[] } {
    const set = this.get(name);
    const { type } = set.data;
    const parts = SET_TYPES.get(type) as readonly string[];
    // The element is looked at before what follows it.
    parseElements(type, parts, word, this.hosts).next();
    const options = parseElementOptions(command, type, words);
    const range = /^[\d.]+([-/])/.exec(word)?.[1];
    if (range && type === "hash:ip,mac")
      throw new IpsetSyntax(
        `${range === "-" ? "FROM-TO IP" : "IP/CIDR"} range is not allowed in command ${command} with set type ${type} and family inet`,
      );
    const has = set.data.options;
    const refuse = (words: readonly string[], able: boolean, message: string): void => {
      if (!able && words.some((one) => options.said.includes(one))) throw new IpsetSyntax(message);
    };
    refuse(
      ["timeout"],
      has.timeout !== null,
      "Timeout cannot be used: set was created without timeout support",
    );
    refuse(
      ["packets", "bytes"],
      has.counters,
      "Packet/byte counters cannot be used: set was created without counter support",
    );
    refuse(
      ["comment"],
      has.comment,
      "Comment cannot be used: set was created without comment support",
    );
    refuse(
      ["skbmark", "skbprio", "skbqueue"],
      has.skbinfo,
      "Skbinfo mapping cannot be used: set was created without skbinfo support",
    );
    return { set, options, word, parts };
  }

  change(command: "add" | "del", words: string[]): void {
    const { set, options, word, parts } = this.parse(command, words);
    const change = { command, set, options, word, parts, exist: this.exist, line: this.line };
    if (!this.line) return this.apply(change);
    const [first] = this.pending;
    if (first && (first.command !== command || first.set !== set)) this.commit();
    this.pending.push(change);
  }

  /** Send what has gathered: changes of one set that follow each other (ipset: ipset_commit). */
  commit(): void {
    for (const change of this.pending.splice(0)) {
      const { line } = this;
      this.line = change.line;
      this.apply(change);
      this.line = line;
    }
  }

  apply({ command, set, options, word, parts, exist }: Change): void {
    const { said: _said, before, after, wildcard, ...extensions } = options;
    for (const one of parseElements(set.data.type, parts, word, this.hosts, stepOf(set))) {
      const element = {
        ...one,
        before: one.before ?? before,
        after: one.after ?? after,
        wildcard,
      };
      const error =
        command === "add" ? set.data.add(element, extensions, exist) : set.data.del(element);
      if (error === "NOT_IN" && exist) continue;
      if (error) throw new IpsetSyntax(WORDS[error]);
    }
  }

  test(words: string[]): number {
    const { set, options, word, parts } = this.parse("test", words);
    const [element] = parseElements(set.data.type, parts, word, this.hosts);
    if (!element) return 1;
    const before = element.before ?? options.before;
    const after = element.after ?? options.after;
    const found = set.data.find({ ...element, before, after });
    const isIn = found !== null && found.nomatch === options.nomatch;
    // Of a device the tool says its name only.
    const plain = { ...element, physdev: false };
    // And networks as they were typed.
    const typed = word.split(",");
    const name = set.data
      .elementText(plain)
      .split(",")
      .map((text, i) => (parts[i]?.startsWith("net") && typed[i]?.includes("/") ? typed[i] : text))
      .join(",");
    // The tool says "after" of both.
    const place = (before ?? after) ? ` after ${before ?? after}` : "";
    const shown = name + place;
    if (this.quiet) return isIn ? 0 : 1;
    if (isIn) this.err += `Warning: ${shown} is in set ${set.name}.\n`;
    else this.err += `${shown} is NOT in set ${set.name}.\n`;
    return isIn ? 0 : 1;
  }

  destroy(words: string[]): void {
    const sets = this.some(words);
    const one = words.length > 0;
    const busy = (set: IpSet): boolean => set.references > 0;
    if (sets.some(busy))
      throw new IpsetSyntax("Set cannot be destroyed: it is in use by a kernel component");
    if (!one) for (const set of sets) if (set.data.type === "list:set") set.data.flush();
    for (const set of sets) this.ns.ipsets.remove(set);
  }

  rename([from = "", to = ""]: string[]): void {
    const set = this.get(from);
    this.name(to);
    if (set.references)
      throw new IpsetSyntax("Set cannot be renamed: it is in use by another system");
    if (this.ns.ipsets.get(to))
      throw new IpsetSyntax("Set cannot be renamed: a set with the new name already exists");
    this.ns.ipsets.rename(set, to);
  }

  swap([first = "", second = ""]: string[]): void {
    const a = this.get(first);
    this.name(second);
    const b = this.ns.ipsets.get(second);
    if (!b) throw new IpsetSyntax("Sets cannot be swapped: the second set does not exist");
    if (a.data.type !== b.data.type)
      throw new IpsetSyntax("The sets cannot be swapped: their type does not match");
    [a.data, b.data] = [b.data, a.data];
  }
}

/** Of a range every host, or every network of the set's netmask (linux: the types' uadt functions). */
function stepOf({ data }: IpSet): number {
  const wide = data.type === "hash:ip" || data.type === "bitmap:ip";
  return wide ? 2 ** (32 - data.options.netmask) : 1;
}

/** Would creating it again make the same set? (linux: .same_set) */
function sameOptions(set: IpSet, options: ReturnType<typeof parseCreate>): boolean {
  const old = set.data.options;
  return (
    old.timeout === options.timeout &&
    old.counters === options.counters &&
    old.comment === options.comment &&
    old.skbinfo === options.skbinfo &&
    old.maxelem === options.maxelem &&
    old.netmask === options.netmask &&
    old.size === options.size &&
    old.range?.[0] === options.range?.[0] &&
    old.range?.[1] === options.range?.[1]
  );
}
