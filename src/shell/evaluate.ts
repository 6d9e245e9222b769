import { ArithError, evaluate } from "./arith.ts";
import { ExpansionError, type Shell } from "./shell.ts";

function unquoteIndex(index: string): string {
  return index.replace(/^"(.*)"$/, "$1").replace(/^'(.*)'$/, "$1");
}

/** An arithmetic expression, with the shell's variables in it. Throws ExpansionError. */
export function arith(sh: Shell, source: string): bigint {
  try {
    return evaluate(source, {
      get: (name, index) => {
        if (index === null) {
          const value = sh.get(name);
          if (value === null && sh.options.has("nounset"))
            throw new ExpansionError(`${name}: unbound variable`, 127);
          return value;
        }
        const variable = sh.find(name);
        if (!variable) return null;
        if (variable.dict) return variable.dict.get(unquoteIndex(index)) ?? null;
        const at = sh.listIndex(name, variable, index);
        return variable.list ? (variable.list.get(at) ?? null) : at === 0 ? variable.text : null;
      },
      set: (name, index, value) => {
        if (index === null) sh.set(name, value);
        else sh.setElement(name, unquoteIndex(index), value);
      },
    });
  } catch (error) {
    if (error instanceof ArithError) throw new ExpansionError(error.message);
    throw error;
  }
}
