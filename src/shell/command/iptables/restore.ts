import { Absent } from "../../../sim/part.ts";
import { IptcError, TableHandle } from "./handle.ts";
import { deleteAll, exitError, Finished, flushAll, runCommand, type Speaker } from "./run.ts";

/** What iptables-restore was told on its command line. */
export interface RestoreSettings {
  counters: boolean;
  verbose: number;
  testing: boolean;
  noflush: boolean;
  /** -T: only this table. */
  table: string | null;
}

/** A line as words; double quotes hold one together (iptables: add_param_to_argv). */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  let word = "";
  let open = false;
  let escaped = false;
  for (const c of line) {
    if (open) {
      if (escaped) {
        word += c;
        escaped = false;
      } else if (c === "\\") escaped = true;
      else if (c === '"') {
        open = false;
        words.push(word);
        word = "";
      } else word += c;
    } else if (c === '"') open = true;
    else if (c === " " || c === "\t" || c === "\n") {
      if (word !== "") words.push(word);
      word = "";
    } else word += c;
  }
  if (word !== "") words.push(word);
  return words;
}

/**
 * iptables-restore, line by line, so that it can read from a pipe (iptables:
 * ip46tables_restore_main). A table takes effect as a whole at its COMMIT.
 */
export class Restore {
  speaker: Speaker;
  settings: RestoreSettings;
  handle: TableHandle | null = null;
  tableName = "";
  inTable = false;
  line = 0;

  constructor(speaker: Speaker, settings: RestoreSettings) {
    this.speaker = speaker;
    this.settings = settings;
  }

  fail(message: string, status = 2): Finished {
    return exitError(this.speaker, message, status);
  }

  /** One line with its newline. Throws Finished when it goes wrong, Absent when it is to be taken again. */
  take(text: string): void {
    this.line++;
    this.speaker.line = this.line;
    try {
      this.understand(text);
    } catch (error) {
      if (error instanceof Absent) this.line--;
      if (!(error instanceof IptcError)) throw error;
      // Of a table that -T left out nobody asks whether it worked.
      if (this.settings.table !== null && this.settings.table !== this.tableName) return;
      this.speaker.output.err += `${this.speaker.program}: line ${this.line} failed\n`;
      throw new Finished(1);
    }
  }

  understand(text: string): void {
    const { speaker, settings } = this;
    if (text === "\n") return;
    if (text.startsWith("#")) {
      if (settings.verbose) speaker.output.out += text;
      return;
    }
    if (text === "COMMIT\n" && this.inTable) {
      this.commit();
      this.handle = null;
      this.inTable = false;
    } else if (text.startsWith("*") && !this.inTable) this.begin(text);
    else if (text.startsWith(":") && this.inTable) this.declare(text);
    else if (this.inTable) this.rule(text);
    else if (settings.table === null || settings.table === this.tableName) {
      speaker.output.err += `${speaker.program}: line ${this.line} failed\n`;
      throw new Finished(1);
    }
  }

  commit(): void {
    if (!this.settings.testing) this.handle?.commit();
  }

  begin(text: string): void {
    const { speaker, settings } = this;
    const [name] = text
      .slice(1)
      .split(/[ \t\n]+/)
      .filter((word) => word !== "");
    const { program } = speaker;
    if (name === undefined) throw this.fail(`${program}: line ${this.line} table name invalid`);
    this.tableName = name;
    if (settings.table !== null && settings.table !== name) return;
    const handle = TableHandle.open(speaker.ns, name);
    if (!handle) throw this.fail(`${program}: unable to initialize table '${name}'`);
    this.handle = handle;
    this.inTable = true;
    if (settings.noflush) return;
    flushAll(speaker, handle, null, settings.verbose > 0);
    deleteAll(speaker, handle, null, settings.verbose > 0);
  }

  /** `:CHAIN POLICY [packets:bytes]` */
  declare(text: string): void {
    const { speaker, settings } = this;
    const handle = this.handle as TableHandle;
    const [chain, policy, counters] = text
      .slice(1)
      .split(/[ \t\n]+/)
      .filter((word) => word !== "");
    const { program } = speaker;
    if (chain === undefined) throw this.fail(`${program}: line ${this.line} chain name invalid`);
    if (chain.length >= 29) throw this.fail(`Invalid chain name \`${chain}' (28 chars max)`);
    if (!handle.isBuiltin(chain)) {
      if (settings.noflush && handle.isChain(chain)) handle.flush(chain);
      else {
        if (handle.isChain(chain)) throw this.fail(`error creating chain '${chain}':File exists`);
        handle.create(chain);
      }
    }
    if (policy === undefined) throw this.fail(`${program}: line ${this.line} policy invalid`);
    if (policy === "-") return;
    const found = /^\[(\d+):(\d+)\]/.exec(counters ?? "");
    if (settings.counters && !found)
      throw this.fail(`invalid policy counters for chain '${chain}'`);
    const count =
      settings.counters && found
        ? { packets: Number(found[1]), bytes: Number(found[2]) }
        : { packets: 0, bytes: 0 };
    try {
      handle.setPolicy(chain, policy, count);
    } catch (error) {
      if (!(error instanceof IptcError)) throw error;
      throw this.fail(
        `Can't set policy \`${policy}' on \`${chain}' line ${this.line}: ${error.message}`,
        1,
      );
    }
  }

  /** A rule, with counters before it or not. */
  rule(text: string): void {
    const { speaker, settings } = this;
    const argv = [speaker.program, "-t", this.tableName];
    if (!settings.noflush) for (let i = 0; i < settings.verbose; i++) argv.push("-v");
    let rest = text;
    if (text.startsWith("[")) {
      const close = text.indexOf("]");
      const colon = text.indexOf(":");
      if (close < 0) throw this.fail(`Bad line ${this.line}: need ]`);
      if (colon < 0) throw this.fail(`Bad line ${this.line}: need :`);
      if (settings.counters)
        argv.push("--set-counters", text.slice(1, colon), text.slice(colon + 1, close));
      rest = text.slice(close + 1);
    }
    argv.push(...splitLine(rest));
    runCommand(speaker, argv, this.handle);
  }

  /** The input is over. */
  end(): void {
    if (!this.inTable) return;
    this.speaker.output.err += `${this.speaker.program}: COMMIT expected at line ${this.line + 1}\n`;
    throw new Finished(1);
  }
}
