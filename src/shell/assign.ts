import type { Assignment, Word } from "unbash";
import type { Run } from "../host/process.ts";
import { expandText, expandWords } from "./expansion.ts";
import { expandIndex } from "./param.ts";
import { parseWord } from "./parse.ts";
import { ExpansionError, type Shell } from "./shell.ts";
import type { Variable } from "./variable.ts";

/** `name=value`, `name+=value`, `name[i]=value`, `name=(...)`, to the variable as it is found. */
export function* assign(sh: Shell, node: Assignment): Run<void> {
  const { name, value } = node;
  if (value.type === "ArrayValue") {
    if (node.index !== undefined)
      throw new ExpansionError(`${name}[${node.index.text}]: cannot assign list to array member`);
    yield* assignArray(sh, sh.writable(name), value.elements, node.append ?? false, name);
    return;
  }
  const text = yield* expandText(sh, value, "assignment");
  if (node.index) {
    const index = yield* expandIndex(sh, sh.find(name), node.index);
    sh.setElement(name, index, text, node.append);
    return;
  }
  if (node.append) {
    const variable = sh.writable(name);
    const old = variable.scalar() ?? "";
    sh.set(name, variable.integer ? (sh.arith(old) + sh.arith(text)).toString() : old + text);
  } else sh.set(name, text);
}

/** `(a b [7]=c [k]=v)` */
export function* assignArray(
  sh: Shell,
  variable: Variable,
  elements: readonly Word[],
  append: boolean,
  name: string,
): Run<void> {
  const pairs: [string | null, string, boolean][] = [];
  for (const element of elements) {
    const match = /^\[((?:[^\]"']|"[^"]*"|'[^']*'|\[[^\]]*\])*)\](\+?)=/.exec(element.text);
    if (match) {
      const key = parseWord(match[1] === "" ? "''" : (match[1] as string));
      const index = yield* expandText(sh, key, "assignment");
      const rest = element.text.slice(match[0].length);
      const text = rest === "" ? "" : yield* expandText(sh, parseWord(rest), "assignment");
      pairs.push([index, text, match[2] === "+"]);
    } else for (const text of yield* expandWords(sh, [element])) pairs.push([null, text, false]);
  }
  if (variable.dict) {
    if (!append) variable.dict.clear();
    for (let i = 0; i < pairs.length; i++) {
      const [index, text, more] = pairs[i] as [string | null, string, boolean];
      if (index !== null)
        variable.dict.set(
          index,
          (more ? (variable.dict.get(index) ?? "") : "") + sh.convert(variable, text),
        );
      // Without brackets, keys and values take turns.
      else variable.dict.set(text, pairs[++i]?.[1] ?? "");
    }
    return;
  }
  if (!append || !variable.list) {
    const old = append && variable.text !== null ? variable.text : null;
    variable.list = new Map();
    if (old !== null) variable.list.set(0, old);
  }
  variable.text = null;
  const { list } = variable;
  let next = append && list.size ? Math.max(...list.keys()) + 1 : 0;
  for (const [index, text, more] of pairs) {
    if (index !== null) next = sh.listIndex(name, variable, index);
    list.set(next, (more ? (list.get(next) ?? "") : "") + sh.convert(variable, text));
    next++;
  }
}
