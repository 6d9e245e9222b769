/** What -w may ask for, by curl's names (tool_writeout.c). */
export type WriteOutValues = Readonly<Record<string, string>>;

/** %{name}, %%, \n, \r, \t; an unknown name is told on standard error. */
export function writeOut(format: string, values: WriteOutValues): { out: string; err: string } {
  let err = "";
  const out = format.replace(
    /%\{([^}]*)\}|%%|\\([nrt])/g,
    (all: string, name: string | undefined, letter: string | undefined) => {
      if (letter) return { n: "\n", r: "\r", t: "\t" }[letter] ?? all;
      if (name === undefined) return "%";
      const value = values[name];
      if (value === undefined) err += `curl: unknown --write-out variable: '${name}'\n`;
      return value ?? "";
    },
  );
  return { out, err };
}
