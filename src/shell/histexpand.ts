/** `!!`, `!$`, `!n`, `!-n`, `!text` and `^a^b` (bash "History Expansion"). */
export function expandHistory(
  line: string,
  history: readonly string[],
): { text: string; error: string | null } {
  const quick = /^\^([^^]*)\^([^^]*)\^?$/.exec(line);
  const last = history[history.length - 1];
  if (quick) {
    if (last === undefined || !last.includes(quick[1] as string))
      return { text: line, error: `:s${line}: substitution failed` };
    return { text: last.replace(quick[1] as string, () => quick[2] as string), error: null };
  }
  if (!line.includes("!")) return { text: line, error: null };
  let out = "";
  let quoted = false;
  for (let i = 0; i < line.length; ) {
    const c = line[i] as string;
    if (c === "'" && !quoted) {
      const end = line.indexOf("'", i + 1);
      const to = end < 0 ? line.length : end + 1;
      out += line.slice(i, to);
      i = to;
      continue;
    }
    if (c === '"') quoted = !quoted;
    if (c === "\\") {
      out += line.slice(i, i + 2);
      i += 2;
      continue;
    }
    const event =
      c === "!"
        ? /^!(!|\$|\*|\^|-?\d+|\?[^?\n]+\??|[A-Za-z./][^\s:;&|()<>"']*)/.exec(line.slice(i))
        : null;
    // `[ ! -e x ]`, `$!`, `!=` and `${!x}` are no events.
    if (!event || line[i - 1] === "$" || line[i - 1] === "{" || (quoted && line[i + 1] === '"')) {
      out += c;
      i++;
      continue;
    }
    const found = lookUp(event[1] as string, history);
    if (found === null) return { text: line, error: `${event[0]}: event not found` };
    out += found;
    i += event[0].length;
  }
  return { text: out, error: null };
}

function lookUp(event: string, history: readonly string[]): string | null {
  const last = history[history.length - 1];
  if (event === "!") return last ?? null;
  if (event === "$" || event === "^" || event === "*") {
    if (last === undefined) return null;
    const words = last.trim().split(/\s+/);
    if (event === "*") return words.slice(1).join(" ");
    return (event === "$" ? words[words.length - 1] : words[1]) ?? "";
  }
  if (/^-?\d+$/.test(event)) {
    const n = Number(event);
    return history[n < 0 ? history.length + n : n - 1] ?? null;
  }
  const inside = event.startsWith("?") ? event.replace(/^\?|\?$/g, "") : null;
  for (let i = history.length - 1; i >= 0; i--) {
    const line = history[i] as string;
    if (inside !== null ? line.includes(inside) : line.startsWith(event)) return line;
  }
  return null;
}
