import {
  type MatchExtension,
  type NameService,
  type XtContext,
  type XtOption,
  XtUsageError,
} from "../../../net/netfilter/extension.ts";
import { parseInterface } from "../../../net/netfilter/interface.ts";
import { protocolName } from "../../../net/netfilter/names.ts";
import { parseUnsigned } from "../../../net/netfilter/number.ts";
import { MATCHES, TARGETS } from "../../../net/netfilter/registry.ts";
import type { NetNs } from "../../../net/netns.ts";
import { ANYWHERE, type MaskedAddress, parseAddresses } from "./address.ts";
import {
  checkChainName,
  checkTargetName,
  checkTogether,
  findMatch,
  protocolNumber,
} from "./check.ts";
import {
  ALLOWED,
  BASE_OPTIONS,
  type BaseOption,
  type CommandLetter,
  LETTERS,
  OPTION_LETTERS,
  type OptionLetter,
} from "./command-line.ts";
import { findLong, Getopt, type LongOption } from "./getopt.ts";
import { Answer, BadArgument, Loaded, MAX_NAME, ParsedCommand } from "./parsed.ts";

interface ExtensionOption extends LongOption {
  option: XtOption;
  loaded: Loaded;
}

export interface ParseSettings {
  ns: NetNs;
  names: NameService;
  /** In iptables-restore. */
  restore: boolean;
  warnings: string[];
  help(parsed: ParsedCommand): string;
  version: string;
}

/** iptables: xshared.c, do_parse */
export class CommandParser {
  settings: ParseSettings;
  getopt: Getopt;
  parsed = new ParsedCommand();
  invert = false;
  protocolText: string | null = null;
  protocolUsed = false;
  tableSet = false;
  waited = false;
  intervalSet = false;
  sourceText: string | null = null;
  destinationText: string | null = null;

  constructor(argv: readonly string[], settings: ParseSettings) {
    this.settings = settings;
    this.getopt = new Getopt(argv, LETTERS);
  }

  parse(): ParsedCommand {
    const { getopt, parsed } = this;
    const long = (name: string): BaseOption | ExtensionOption | null =>
      findLong<BaseOption | ExtensionOption>([...BASE_OPTIONS, ...this.extensionOptions()], name);
    for (;;) {
      const found = getopt.next(long);
      if (found.kind === "end") break;
      if (found.kind === "word") {
        if (found.argument !== "!") throw new BadArgument(`Bad argument \`${found.argument}'`);
        if (this.invert) throw new XtUsageError("multiple consecutive ! not allowed");
        this.invert = true;
        continue;
      }
      if (found.kind === "unknown" || found.kind === "missing") {
        if (this.loadProtocol()) {
          getopt.index -= 1;
          continue;
        }
        throw new XtUsageError(
          found.kind === "missing"
            ? `option "${getopt.last}" requires an argument`
            : `unknown option "${getopt.last}"`,
        );
      }
      if (found.kind === "long" && "loaded" in found.option)
        this.take(found.option, found.argument);
      else {
        const letter = found.kind === "short" ? found.letter : (found.option as BaseOption).letter;
        this.base(letter, found.argument);
        if (parsed.ignored) return parsed;
      }
      this.invert = false;
    }
    this.finish();
    return parsed;
  }

  /** What the loaded extensions understand, the newest first. */
  extensionOptions(): ExtensionOption[] {
    const { target, matches } = this.parsed;
    const loaded = target ? [target, ...matches.slice().reverse()] : matches.slice().reverse();
    const options: ExtensionOption[] = [];
    for (const one of loaded) {
      if (one.completed) continue;
      for (const option of one.extension.options) {
        const argument = option.args ? "required" : "none";
        options.push({ name: option.name, argument, option, loaded: one });
        if (option.alias) options.push({ name: option.alias, argument, option, loaded: one });
      }
    }
    return options;
  }

  /** An option of an extension (libxtables: xtables_option_parse). */
  take({ option, loaded }: ExtensionOption, argument: string | null): void {
    const { name } = loaded.extension;
    if (!option.lenient) {
      if (loaded.given.some((other) => other.name === option.name))
        throw new XtUsageError(`${name}: option "--${option.name}" can only be used once.\n`);
      if (this.invert && !option.invert)
        throw new XtUsageError(`${name}: option "--${option.name}" cannot be inverted.\n`);
    }
    const values = argument === null ? [] : [argument];
    if (option.args === 2) {
      const second = this.getopt.takeWord();
      if (second !== null) values.push(second);
    }
    loaded.given.push({
      name: option.name,
      invert: this.invert,
      values,
      protocol: this.parsed.protocol,
      protocolInverted: this.parsed.protocolInvert,
    });
  }

  /** `-p tcp` knows the options of -m tcp, once (iptables: load_proto). */
  loadProtocol(): boolean {
    if (this.protocolText === null || this.protocolUsed) return false;
    const number = parseUnsigned(this.protocolText, 255);
    const name = number === null ? this.protocolText : protocolName(number);
    const extension = name === null ? undefined : MATCHES.get(name);
    if (!extension) return false;
    this.protocolUsed = true;
    this.addMatch(extension);
    return true;
  }

  addMatch(extension: MatchExtension): void {
    for (const other of this.parsed.matches)
      if (other.extension === extension) other.completed = true;
    this.parsed.matches.push(new Loaded(extension, false));
  }

  setOption(letter: OptionLetter, invertible: boolean): void {
    const { options } = this.parsed;
    if (options.has(letter)) throw new XtUsageError(`multiple -${letter} flags not allowed`);
    options.add(letter);
    if (this.invert && !invertible) throw new XtUsageError(`cannot have ! before -${letter}`);
  }

  setCommand(letter: CommandLetter): void {
    const { parsed } = this;
    if (this.invert) throw new XtUsageError("unexpected '!' flag");
    const old = parsed.command;
    if (old === null) {
      parsed.command = letter;
      return;
    }
    const lists = (one: string): boolean => one === "L" || one === "S";
    const zero = (one: string): boolean => one.startsWith("Z");
    if (lists(letter) && zero(old) && parsed.alsoZero === "") {
      parsed.alsoZero = old as "Z" | "Z#";
      parsed.command = letter;
    } else if (letter === "Z" && lists(old)) parsed.alsoZero = "Z";
    else throw new XtUsageError(`Cannot use -${letter} with -${old.charAt(0)}`);
  }

  ruleNumber(text: string): number {
    const number = parseUnsigned(text, 0x7fffffff, 1);
    if (number === null) throw new XtUsageError(`Invalid rule number \`${text}'`);
    return number;
  }

  /** One of the options that are not an extension's. */
  base(letter: string, argument: string | null): void {
    const { parsed, getopt, settings } = this;
    // These take the whole word before optind: `-ptcp` and `--protocol=tcp` do not work.
    const text = "psdjio".includes(letter) ? getopt.last : (argument ?? "");
    switch (letter) {
      case "A":
      case "C":
        this.setCommand(letter);
        parsed.chain = text;
        return;
      case "D":
      case "R":
      case "I": {
        this.setCommand(letter);
        parsed.chain = text;
        const word = getopt.takeWord();
        if (word !== null) parsed.number = this.ruleNumber(word);
        else if (letter === "R") throw new XtUsageError("-R requires a rule number");
        else if (letter === "I") parsed.number = 1;
        if (letter === "D" && word !== null) parsed.command = "D#";
        return;
      }
      case "L":
      case "S":
      case "Z":
      case "F":
      case "X": {
        this.setCommand(letter);
        parsed.chain = argument ?? getopt.takeWord() ?? parsed.chain;
        if (letter === "F" || letter === "X") return;
        const word = getopt.takeWord();
        if (word === null) return;
        parsed.number = this.ruleNumber(word);
        if (letter === "Z") {
          parsed.command = "Z#";
          parsed.alsoZero = "";
        }
        return;
      }
      case "N":
        checkChainName(text);
        this.setCommand(letter);
        parsed.chain = text;
        return;
      case "E":
      case "P": {
        this.setCommand(letter);
        parsed.chain = text;
        const word = getopt.takeWord();
        if (word === null)
          throw new XtUsageError(
            letter === "E"
              ? "-E requires old-chain-name and new-chain-name"
              : "-P requires a chain and a policy",
          );
        if (letter === "E") parsed.newName = word;
        else parsed.policy = word;
        return;
      }
      case "p":
        this.setOption("p", true);
        this.protocolText = text.toLowerCase();
        parsed.protocolInvert = this.invert;
        parsed.protocol = protocolNumber(this.protocolText);
        if (parsed.protocol === 0 && this.invert)
          throw new XtUsageError("rule would never match protocol");
        return;
      case "s":
        this.setOption("s", true);
        this.sourceText = text;
        parsed.sourceInvert = this.invert;
        return;
      case "d":
        this.setOption("d", true);
        this.destinationText = text;
        parsed.destinationInvert = this.invert;
        return;
      case "g":
        this.setOption("j", false);
        parsed.goto = true;
        parsed.jump = checkTargetName(text);
        return;
      case "j":
        this.setOption("j", false);
        parsed.jump = checkTargetName(text);
        this.loadTarget();
        return;
      case "i":
      case "o": {
        if (argument === "") throw new XtUsageError("Empty interface is likely to be undesired");
        this.setOption(letter, true);
        const device = parseInterface(text, this.invert, settings.warnings);
        if (letter === "i") parsed.in = device;
        else parsed.out = device;
        return;
      }
      case "f":
        this.setOption("f", true);
        parsed.fragment = !this.invert;
        return;
      case "v":
        if (parsed.verbose === 0) this.setOption("v", false);
        parsed.verbose++;
        return;
      case "n":
      case "x":
      case "0":
        this.setOption(letter, false);
        return;
      case "m": {
        if (this.invert) throw new XtUsageError("unexpected ! flag before --match");
        this.addMatch(findMatch(text));
        return;
      }
      case "t":
        if (this.invert) throw new XtUsageError("unexpected ! flag before --table");
        if (settings.restore && this.tableSet)
          throw new XtUsageError("The -t option cannot be used in iptables-restore.\n");
        parsed.table = text;
        this.tableSet = true;
        return;
      case "V":
        throw new Answer(
          this.invert ? `Not ${settings.version} ;-)\n` : `iptables v${settings.version}\n`,
        );
      case "h":
        throw new Answer(settings.help(parsed));
      case "w":
      case "W":
        this.wait(letter, argument);
        return;
      case "c":
        this.setOption("c", false);
        this.counters(text);
        return;
      case "6":
        if (!settings.restore) throw new BadArgument("");
        parsed.ignored = true;
        return;
      // -4 and --modprobe say nothing that matters here.
    }
  }

  loadTarget(): void {
    const { parsed } = this;
    const extension = TARGETS.get(parsed.jump);
    if (extension) parsed.target = new Loaded(extension, true);
  }

  wait(letter: string, argument: string | null): void {
    const { settings, getopt } = this;
    if (settings.restore)
      throw new XtUsageError(`You cannot use \`-${letter}' from iptables-restore`);
    const word = argument ?? getopt.takeWord();
    if (letter === "w") {
      if (word !== null && !/^\s*[-+]?\d/.test(word))
        throw new XtUsageError("wait seconds not numeric");
      this.waited = true;
      return;
    }
    if (word === null) throw new XtUsageError("wait interval value required");
    const micros = Number.parseInt(word, 10);
    if (Number.isNaN(micros)) throw new XtUsageError("wait interval not numeric");
    if (micros > 999999) throw new XtUsageError(`too long usec wait ${micros} > 999999 usec`);
    settings.warnings.push("Ignoring deprecated --wait-interval option.");
    this.intervalSet = true;
  }

  counters(text: string): void {
    const { parsed, getopt } = this;
    const comma = text.indexOf(",", 1);
    const bytes = comma >= 0 ? text.slice(comma + 1) : getopt.takeWord();
    if (bytes === null) throw new XtUsageError("-c requires packet and byte counter");
    parsed.packets = Number.parseInt(text, 10);
    if (Number.isNaN(parsed.packets)) throw new XtUsageError("-c packet counter not numeric");
    parsed.bytes = Number.parseInt(bytes, 10);
    if (Number.isNaN(parsed.bytes)) throw new XtUsageError("-c byte counter not numeric");
  }

  /** Everything that is checked when all options have been seen. */
  finish(): void {
    const { parsed, settings } = this;
    if (parsed.table === "nat" && (parsed.policy === "DROP" || parsed.jump === "DROP"))
      throw new XtUsageError(
        '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n',
      );
    if (!this.waited && this.intervalSet)
      throw new XtUsageError("--wait-interval only makes sense with --wait\n");
    const context = this.context();
    for (const loaded of [...parsed.matches, ...(parsed.target ? [parsed.target] : [])]) {
      checkTogether(loaded, context);
      loaded.info = loaded.extension.parse(loaded.given, context);
    }
    const { getopt } = this;
    if (getopt.index < getopt.argv.length)
      throw new XtUsageError("unknown arguments found on commandline");
    const { command } = parsed;
    if (command === null) throw new XtUsageError("no command specified");
    if (this.invert) throw new XtUsageError("nothing appropriate following !");
    const ruled = "ACDRI".includes(command);
    const addresses = (text: string | null): MaskedAddress[] =>
      text !== null ? parseAddresses(text, settings.names) : ruled ? [ANYWHERE] : [];
    parsed.sources = addresses(this.sourceText);
    parsed.destinations = addresses(this.destinationText);
    const several = parsed.sources.length > 1 || parsed.destinations.length > 1;
    if (several && (parsed.sourceInvert || parsed.destinationInvert))
      throw new XtUsageError("! not allowed with multiple source or destination IP addresses");
    if (command === "R" && (parsed.sources.length !== 1 || parsed.destinations.length !== 1))
      throw new XtUsageError("Replacement rule does not specify a unique address");
    this.checkAllowed();
    const chain = parsed.chain ?? "";
    if (chain.length >= MAX_NAME)
      throw new XtUsageError(`chain name \`${chain}' too long (must be under ${MAX_NAME} chars)`);
    if (!ruled && command !== "D#") return;
    if (parsed.options.has("o") && (chain === "PREROUTING" || chain === "INPUT"))
      throw new XtUsageError(`Can't use -o with ${chain}\n`);
    if (parsed.options.has("i") && (chain === "POSTROUTING" || chain === "OUTPUT"))
      throw new XtUsageError(`Can't use -i with ${chain}\n`);
  }

  checkAllowed(): void {
    const { command, alsoZero, options } = this.parsed;
    const commands = [command as CommandLetter, ...(alsoZero ? [alsoZero as CommandLetter] : [])];
    for (const letter of OPTION_LETTERS)
      if (options.has(letter) && !commands.some((one) => ALLOWED[one].includes(letter)))
        throw new XtUsageError(`Illegal option \`-${letter}' with this command`);
  }

  /** What extensions may look at besides their options. */
  context(): XtContext {
    const { parsed, settings } = this;
    return {
      ns: settings.ns,
      table: parsed.table as XtContext["table"],
      protocol: parsed.protocol,
      protocolInverted: parsed.protocolInvert,
      names: settings.names,
      warnings: settings.warnings,
    };
  }
}
