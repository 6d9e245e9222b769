import {
  type MatchExtension,
  type XtContext,
  XtUsageError,
} from "../../../net/netfilter/extension.ts";
import { parseProtocol } from "../../../net/netfilter/names.ts";
import { MATCHES, TARGETS } from "../../../net/netfilter/registry.ts";
import { type Loaded, MAX_NAME, VERDICTS } from "./parsed.ts";

/** Are the options complete? A value that is wrong was read, and complained of, before anybody asks. */
export function checkTogether(loaded: Loaded, context: XtContext): void {
  try {
    checkOptions(loaded);
  } catch (incomplete) {
    try {
      loaded.extension.parse(loaded.given, context);
    } catch (error) {
      if (error instanceof XtUsageError && error.message.includes("bad value for option"))
        throw error;
    }
    throw incomplete;
  }
}

/** What must, and what may not, stand together (libxtables: xtables_options_fcheck). */
function checkOptions(loaded: Loaded): void {
  const { name, options } = loaded.extension;
  const has = (option: string): boolean => loaded.given.some((other) => other.name === option);
  for (const option of options) {
    if (option.required && !has(option.name))
      throw new XtUsageError(`${name}: option "--${option.name}" must be specified\n`);
    if (!has(option.name)) continue;
    for (const other of option.requires ?? [])
      if (!has(other))
        throw new XtUsageError(`${name}: option "--${option.name}" also requires "--${other}".\n`);
    for (const other of option.excludes ?? [])
      if (other !== option.name && has(other))
        throw new XtUsageError(
          `${name}: option "--${option.name}" cannot be used together with "--${other}".\n`,
        );
  }
}

export function protocolNumber(text: string): number {
  const number = parseProtocol(text);
  if (number === null) throw new XtUsageError(`unknown protocol "${text}" specified`);
  return number;
}

export function findMatch(name: string): MatchExtension {
  if (name.length >= MAX_NAME)
    throw new XtUsageError(`Invalid match name "${name}" (${MAX_NAME - 1} chars max)`);
  const extension = MATCHES.get(name);
  if (!extension)
    throw new XtUsageError(`Couldn't load match \`${name}':No such file or directory\n`);
  return extension;
}

export function checkTargetName(name: string): string {
  if (name === "") throw new XtUsageError("Invalid target name (too short)");
  if (name.length >= MAX_NAME)
    throw new XtUsageError(`Invalid target name \`${name}' (${MAX_NAME - 1} chars max)`);
  if (/\s/.test(name)) throw new XtUsageError(`Invalid target name \`${name}'`);
  return name;
}

export function checkChainName(name: string): void {
  if (name.length >= MAX_NAME)
    throw new XtUsageError(`chain name \`${name}' too long (must be under ${MAX_NAME} chars)`);
  if (/^[-!]/.test(name))
    throw new XtUsageError(`chain name not allowed to start with \`${name.charAt(0)}'`);
  if (TARGETS.has(name) || VERDICTS.includes(name) || name === "")
    throw new XtUsageError("chain name may not clash with target name");
  if (/\s/.test(name)) throw new XtUsageError(`Invalid chain name \`${name}'`);
}
