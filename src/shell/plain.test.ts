import fc from "fast-check";
import { parse, type Redirection } from "unbash";
import { expect, it } from "vitest";
import { isPlain, plainScript } from "./plain.ts";

function seenOf(redirect: Redirection) {
  if (redirect.type !== "Redirect") return redirect.type;
  const { target, descriptor, ...rest } = redirect;
  return {
    ...rest,
    descriptor,
    target: target && [target.text, target.value, target.pos, target.end],
  };
}

/** What the executor reads of a script, without the classes that it is made of. */
function seen(script: ReturnType<typeof parse>) {
  const { pos, end, errors = [], shebang } = script;
  return {
    ...{ pos, end, errors, shebang },
    commands: script.commands.map((statement) => {
      const { command, background } = statement;
      if (command.type !== "Command") return command.type;
      const words = [...(command.name ? [command.name] : []), ...command.args];
      return {
        ...{ pos: statement.pos, end: statement.end, background, type: command.type },
        ...{ from: command.pos, to: command.end, redirects: command.redirects.map(seenOf) },
        prefix: command.prefix,
        words: words.map((word) =>
          word.type === "Word"
            ? [word.text, word.value, word.pos, word.end, /^["']/.test(word.text) || word.parts]
            : word.type,
        ),
      };
    }),
  };
}

it("reads lines of plain words as the grammar does", () => {
  const word = fc.oneof(
    fc.stringMatching(/^[\w./:,@%+=-]{1,9}$/),
    fc.stringMatching(/^"[\w !';|#~*{}-]{0,6}"$/),
    fc.stringMatching(/^'[\w !"$`;|#~*{}-]{0,6}'$/),
    fc.constantFrom(
      "if",
      "in",
      "time",
      "export",
      "declare",
      "a=1",
      "a+=1",
      "-x=1",
      "a.b=c",
      "%1",
      "=x",
    ),
  );
  const line = fc.tuple(fc.constantFrom("", " ", "\t"), fc.array(word, { maxLength: 5 }));
  const text = fc
    .array(line, { maxLength: 4 })
    .map((lines) =>
      lines.map(([blank, words]) => blank + words.join(blank || "  ") + blank).join("\n"),
    );
  let plain = 0;
  fc.assert(
    fc.property(text, (source) => {
      const script = plainScript(source);
      if (!script) return;
      plain++;
      expect(seen(script)).toEqual(seen(parse(source)));
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(500);
});

it.each([
  ["ping -c 1 127.0.0.1", true],
  ["ip netns add client\nsysctl -qw net.ipv4.ip_forward=1\n", true],
  ["", true],
  [`iptables -A INPUT ! -i lo -m comment --comment "a b" -j LOG --log-prefix 'c: '`, true],
  ["ip link del x 2>/dev/null\necho 0 > /proc/sys/x", true],
  ["echo 2>&1", false],
  ["echo >", false],
  ["cat <<EOF", false],
  ["> a", false],
  ["echo !|cat", false],
  ["echo 'a'b", false],
  ["echo '", false],
  ['echo "$x"', false],
  ['"ls"', false],
  ["if true", false],
  ["a=b", false],
  ["export a=b", false],
  ["ls *", false],
  ["ls ~", false],
  ["ls # all", false],
  ["ls \\", false],
  ["a | b", false],
  ["echo $x", false],
  ["{ ls", false],
  ["! ls", false],
  ["[[ a", false],
])("%j: plain is %s", (text, plain) => {
  expect(isPlain(text)).toBe(plain);
});
