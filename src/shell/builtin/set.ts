import type { Run } from "../../host/process.ts";
import { quoteIfNeeded } from "../quote.ts";
import { setLetter } from "../script.ts";
import type { Option, Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

const OPTIONS: Option[] = [
  "allexport",
  "braceexpand",
  "emacs",
  "errexit",
  "errtrace",
  "functrace",
  "hashall",
  "histexpand",
  "history",
  "ignoreeof",
  "interactive-comments",
  "monitor",
  "noclobber",
  "noexec",
  "noglob",
  "nounset",
  "pipefail",
  "posix",
  "verbose",
  "xtrace",
];

const SHOPTS = [
  "autocd",
  "cdspell",
  "checkhash",
  "checkjobs",
  "checkwinsize",
  "cmdhist",
  "complete_fullquote",
  "dotglob",
  "expand_aliases",
  "extglob",
  "extquote",
  "failglob",
  "force_fignore",
  "globasciiranges",
  "globskipdots",
  "globstar",
  "gnu_errfmt",
  "histappend",
  "histreedit",
  "histverify",
  "hostcomplete",
  "huponexit",
  "inherit_errexit",
  "interactive_comments",
  "lastpipe",
  "login_shell",
  "nocaseglob",
  "nocasematch",
  "nullglob",
  "patsub_replacement",
  "progcomp",
  "promptvars",
  "sourcepath",
  "xpg_echo",
];

function* setOption(sh: Shell, name: string, on: boolean): Run {
  if (!OPTIONS.includes(name as Option) && name !== "vi" && name !== "onecmd") {
    yield* sh.complain(`set: ${name}: invalid option name`);
    return 1;
  }
  if (on) sh.options.add(name as Option);
  else sh.options.delete(name as Option);
  return 0;
}

function* listVariables(sh: Shell): Run {
  const names = new Set<string>();
  for (const scope of sh.scopes) for (const name of scope.keys()) names.add(name);
  let out = "";
  for (const name of [...names].sort()) {
    const variable = sh.find(name);
    if (!variable?.isSet) continue;
    if (variable.list || variable.dict) {
      const values = variable.values();
      const pairs = variable.keys().map((key, i) => `[${key}]="${values[i]}"`);
      out += `${name}=(${pairs.join(" ")})\n`;
    } else out += `${name}=${quoteIfNeeded(variable.text ?? "").replace(/^''$/, "")}\n`;
  }
  yield* sh.p.out(out);
  return 0;
}

const set: Builtin = function* (sh, argv) {
  if (argv.length === 1) return yield* listVariables(sh);
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === "--" || word === "-") {
      if (word === "-") {
        sh.options.delete("xtrace");
        sh.options.delete("verbose");
        if (i + 1 === argv.length) return 0;
      }
      sh.positional = argv.slice(i + 1);
      return 0;
    }
    if (!/^[-+]./.test(word)) {
      sh.positional = argv.slice(i);
      return 0;
    }
    const on = word[0] === "-";
    for (const letter of word.slice(1)) {
      if (letter === "o") {
        const name = argv[i + 1];
        if (name === undefined) {
          const line = (option: Option) =>
            on
              ? `${option.padEnd(15)}\t${sh.options.has(option) ? "on" : "off"}\n`
              : `set ${sh.options.has(option) ? "-" : "+"}o ${option}\n`;
          yield* sh.p.out(OPTIONS.map(line).join(""));
          return 0;
        }
        const status = yield* setOption(sh, name, on);
        if (status) return status;
        i++;
      } else if (!setLetter(sh, letter, on)) {
        yield* sh.complain(`set: ${word[0]}${letter}: invalid option`);
        yield* sh.p.err(
          "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n",
        );
        return 2;
      }
    }
  }
  return 0;
};

const shopt: Builtin = function* (sh, argv) {
  let mode = "";
  let quiet = false;
  let print = false;
  let options = false;
  const names: string[] = [];
  for (const word of argv.slice(1))
    if (/^-[suqpo]+$/.test(word))
      for (const letter of word.slice(1)) {
        if (letter === "q") quiet = true;
        else if (letter === "p") print = true;
        else if (letter === "o") options = true;
        else mode = letter;
      }
    else names.push(word);
  const known: readonly string[] = options ? OPTIONS : SHOPTS;
  const state = (options ? sh.options : sh.shopts) as Set<string>;
  let status = 0;
  const show = (name: string) =>
    print
      ? `shopt ${state.has(name) ? "-s" : "-u"} ${name}\n`
      : `${name.padEnd(15)}\t${state.has(name) ? "on" : "off"}\n`;
  if (names.length === 0) {
    const wanted = known.filter((name) => mode === "" || state.has(name) === (mode === "s"));
    yield* sh.p.out(wanted.map(show).join(""));
    return 0;
  }
  for (const name of names) {
    if (!known.includes(name)) {
      yield* sh.complain(`shopt: ${name}: invalid shell option name`);
      status = 1;
    } else if (mode === "s") state.add(name);
    else if (mode === "u") state.delete(name);
    else {
      if (!quiet) yield* sh.p.out(show(name));
      if (!state.has(name)) status = 1;
    }
  }
  return status;
};

const unset: Builtin = function* (sh, argv) {
  let kind = "";
  let status = 0;
  for (const word of argv.slice(1)) {
    if (/^-[vfn]$/.test(word)) {
      kind = word[1] as string;
      continue;
    }
    const element = /^([A-Za-z_]\w*)\[(.*)\]$/.exec(word);
    const name = element?.[1] ?? word;
    if (kind !== "f" && !/^[A-Za-z_]\w*$/.test(name)) {
      yield* sh.complain(`unset: \`${word}': not a valid identifier`);
      status = 1;
      continue;
    }
    const variable = kind === "f" ? null : sh.find(name);
    if (variable?.readonly) {
      yield* sh.complain(`unset: ${name}: cannot unset: readonly variable`);
      status = 1;
    } else if (element && variable) {
      const index = (element[2] as string).replace(/^(["'])(.*)\1$/, "$2");
      if (variable.dict) variable.dict.delete(index);
      else if (index === "@" || index === "*") sh.unset(name);
      else variable.list?.delete(sh.listIndex(name, variable, index));
    } else if (variable) sh.unset(name);
    else if (kind !== "v") sh.functions.delete(name);
  }
  return status;
};

export const settings: Record<string, Builtin> = { set, shopt, unset };
