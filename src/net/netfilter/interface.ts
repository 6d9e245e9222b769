import { XtUsageError } from "./extension.ts";
import type { InterfaceMatch } from "./table.ts";

/** linux: include/uapi/linux/if.h, IFNAMSIZ, with its final zero */
const NAME_LENGTH = 16;

/** "eth0", or "eth+" for all that begin so (libxtables: xtables_parse_interface). */
export function parseInterface(text: string, invert: boolean, warnings: string[]): InterfaceMatch {
  if (text.length + 1 > NAME_LENGTH)
    throw new XtUsageError(
      `interface name \`${text}' must be shorter than IFNAMSIZ (${NAME_LENGTH - 1})`,
    );
  if (/[/ ]/.test(text))
    warnings.push(
      `Warning: weird character in interface \`${text}' ('/' and ' ' are not allowed by the kernel).`,
    );
  const wildcard = text.endsWith("+");
  return { name: wildcard ? text.slice(0, -1) : text, wildcard, invert };
}
