import type { Assignment } from "unbash";
import type { Run } from "../../host/process.ts";
import { assignArray } from "../assign.ts";
import { expandText } from "../expansion.ts";
import { quoteDouble } from "../quote.ts";
import type { Shell } from "../shell.ts";
import { Variable } from "../variable.ts";

type Item = string | Assignment;

/** `declare -p` of one variable. */
export function declarationOf(name: string, variable: Variable): string {
  let flags = "";
  if (variable.list) flags += "a";
  if (variable.dict) flags += "A";
  if (variable.integer) flags += "i";
  if (variable.lower) flags += "l";
  if (variable.nameref) flags += "n";
  if (variable.readonly) flags += "r";
  if (variable.upper) flags += "u";
  if (variable.exported) flags += "x";
  const head = `declare -${flags || "-"} ${name}`;
  if (variable.list || variable.dict) {
    const values = variable.values();
    const keys = variable.keys();
    const pair = (key: string, i: number) => {
      const shown = variable.dict && !/^[\w./:-]+$/.test(key) ? quoteDouble(key) : key;
      return `[${shown}]=${quoteDouble(values[i] ?? "")}`;
    };
    const body = keys.map(pair).join(" ");
    return `${head}=(${body}${variable.dict && body ? " " : ""})\n`;
  }
  return variable.text === null ? `${head}\n` : `${head}=${quoteDouble(variable.text)}\n`;
}

export function* runDeclaration(sh: Shell, builtin: string, items: Item[]): Run {
  const on = new Set<string>();
  const off = new Set<string>();
  let i = 0;
  for (; i < items.length; i++) {
    const item = items[i];
    if (typeof item !== "string" || !/^[-+]./.test(item)) break;
    if (item === "--") {
      i++;
      break;
    }
    for (const letter of item.slice(1)) {
      if (!"aAfFgilnprtux".includes(letter)) {
        yield* sh.complain(`${builtin}: -${letter}: invalid option`);
        yield* sh.p.err(
          `${builtin}: usage: ${builtin} [-aAfFgiIlnrtux] [name[=value] ...] or ${builtin} -p [-aAfFilnrtux] [name ...]\n`,
        );
        return 2;
      }
      (item[0] === "-" ? on : off).add(letter);
    }
  }
  const operands = items.slice(i);
  if (builtin === "export" && on.has("n")) off.add("x");
  else if (builtin === "export") on.add("x");
  if (builtin === "readonly") on.add("r");
  if (builtin === "local" && !sh.frame?.function) {
    yield* sh.complain("local: can only be used in a function");
    return 1;
  }
  if (on.has("f") || on.has("F")) return yield* functions(sh, operands, on.has("F"));
  if (operands.length === 0) {
    if (builtin === "local") return yield* list(sh, on, sh.scopes[sh.scopes.length - 1]);
    return yield* list(sh, on);
  }
  if (on.has("p") && builtin !== "export" && builtin !== "readonly") {
    let status = 0;
    for (const item of operands) {
      const name = typeof item === "string" ? item : item.name;
      const variable = sh.find(name);
      if (variable) yield* sh.p.out(declarationOf(name, variable));
      else {
        yield* sh.complain(`${builtin}: ${name}: not found`);
        status = 1;
      }
    }
    return status;
  }
  const local =
    sh.frame?.function !== undefined &&
    sh.frame.function !== "" &&
    sh.scopes.length > 1 &&
    builtin !== "export" &&
    builtin !== "readonly" &&
    !on.has("g");
  let status = 0;
  for (const item of operands)
    if (!(yield* declareOne(sh, builtin, item, on, off, local))) status = 1;
  return status;
}

function* declareOne(
  sh: Shell,
  builtin: string,
  item: Item,
  on: Set<string>,
  off: Set<string>,
  local: boolean,
): Run<boolean> {
  let name: string;
  let text: string | null = null;
  let append = false;
  if (typeof item === "string") {
    const match = /^([A-Za-z_]\w*)(?:\[([^\]]*)\])?(?:(\+?)=([\s\S]*))?$/.exec(item);
    if (!match) {
      yield* sh.complain(`${builtin}: \`${item}': not a valid identifier`);
      return false;
    }
    name = match[1] as string;
    text = match[4] ?? null;
    append = match[3] === "+";
  } else {
    name = item.name;
    append = item.append ?? false;
    // The value is worked out before a local of the same name hides it: local x=$x.
    if (item.value.type === "Word") text = yield* expandText(sh, item.value, "assignment");
  }
  const scope = sh.scopes[sh.scopes.length - 1] as Map<string, Variable>;
  let variable = local
    ? (scope.get(name) ?? null)
    : on.has("g")
      ? (sh.global.get(name) ?? null)
      : find(sh, name, on);
  if (!variable) {
    variable = new Variable();
    if (local) scope.set(name, variable);
    else sh.global.set(name, variable);
  }
  const value = typeof item !== "string" && item.value.type === "ArrayValue" ? item.value : null;
  if (variable.readonly && (text !== null || value || off.has("r"))) {
    yield* sh.complain(
      `${builtin}: ${name}: readonly variable`.replace(/^(export|readonly): /, ""),
    );
    return false;
  }
  if (on.has("i")) variable.integer = true;
  if (off.has("i")) variable.integer = false;
  if (on.has("l")) variable.lower = true;
  if (on.has("u")) variable.upper = true;
  if (on.has("n")) variable.nameref = true;
  if (on.has("x")) variable.exported = true;
  if (off.has("x")) variable.exported = false;
  if (on.has("A") && !variable.dict) {
    variable.dict = new Map();
    variable.text = null;
  }
  if (on.has("a") && !variable.list) {
    variable.list = new Map();
    if (variable.text !== null) variable.list.set(0, variable.text);
    variable.text = null;
  }
  if (value) {
    if (!variable.list && !variable.dict) variable.list = new Map();
    yield* assignArray(sh, variable, value.elements, append, name);
  } else if (text !== null) {
    if (typeof item !== "string" && item.index)
      sh.setElement(name, yield* expandText(sh, item.index, "assignment"), text, append);
    else {
      const old = append ? (variable.scalar() ?? "") : "";
      const next = sh.convert(variable, variable.integer && append ? `${old}+${text}` : old + text);
      if (variable.list) variable.list.set(0, next);
      else if (variable.dict) variable.dict.set("0", next);
      else variable.text = next;
    }
  }
  if (on.has("r")) variable.readonly = true;
  return true;
}

function find(sh: Shell, name: string, on: Set<string>): Variable | null {
  if (!on.has("n")) return sh.find(name);
  for (let i = sh.scopes.length - 1; i >= 0; i--) {
    const variable = (sh.scopes[i] as Map<string, Variable>).get(name);
    if (variable) return variable;
  }
  return null;
}

function* functions(sh: Shell, operands: Item[], namesOnly: boolean): Run {
  const names = operands.length
    ? operands.map((item) => (typeof item === "string" ? item : item.name))
    : [...sh.functions.keys()].sort();
  let status = 0;
  for (const name of names) {
    const fn = sh.functions.get(name);
    if (!fn) status = 1;
    else if (namesOnly) yield* sh.p.out(operands.length ? `${name}\n` : `declare -f ${name}\n`);
    else yield* sh.p.out(`${fn.source}\n`);
  }
  return status;
}

function* list(sh: Shell, on: Set<string>, only?: Map<string, Variable>): Run {
  const all = new Map<string, Variable>();
  for (const scope of only ? [only] : sh.scopes)
    for (const [name, variable] of scope) all.set(name, variable);
  let out = "";
  for (const name of [...all.keys()].sort()) {
    const variable = all.get(name) as Variable;
    if (on.has("x") && !variable.exported) continue;
    if (on.has("r") && !variable.readonly) continue;
    if (on.has("a") && !variable.list) continue;
    if (on.has("A") && !variable.dict) continue;
    if (on.has("i") && !variable.integer) continue;
    out += declarationOf(name, variable);
  }
  yield* sh.p.out(out);
  return 0;
}
